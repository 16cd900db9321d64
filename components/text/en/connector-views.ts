/** The filters, columns and saved views of the Connectors tab. */
export const connectorViews = {
  health: 'Health',
  anyHealth: 'Any health',
  kind: 'Kind',
  anyKind: 'Any kind',
  needing: 'Needs you',
  columns: 'Columns',
  views: 'Views',
  saved: 'Saved views',
  none: 'No saved views yet.',
  all: 'All connectors',
  where: 'Kept in this browser, for you alone. A view is a link: open it and copy the address to share it.',
  name: 'Name for this view',
  save: 'Save this view',
  remove: (name: string) => `Remove the view ${name}`,
  savedAs: (name: string) => `Saved as ${name}.`,
  tooMany: (most: number) => `There are ${most} already. Remove one first, or use the name of one to replace it.`,
  removed: (name: string) => `Removed ${name}.`,
  notSaved: "This browser doesn't keep data for this page. Copy the address instead.",
  shown: (shown: number, all: number) => {
    const connectors = all === 1 ? '1 connector' : `${all} connectors`;
    return shown === all ? connectors : `${shown} of ${connectors}`;
  },
} as const;
