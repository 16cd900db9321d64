/** What a page says when it cannot show what was asked for. */
export const problems = {
  notFound: "We can't find this page.",
  notFoundHelp: 'The address may be mistyped, or what it showed is not here for your account.',
  toDataConnectors: 'Go to Data connectors',
  failed: "We couldn't load this page. Nothing changed.",
  reference: (id: string) => `Reference ${id}.`,
  tryAgain: 'Try again',
  noMatch: 'No match.',
  clearFilters: 'Clear filters',
  loading: 'Loading…',
  actionFailed: (id: string) => `That didn't work. Nothing changed. Reference ${id}.`,
  noAnswer: "We can't reach the portal. Nothing changed. Check your connection and try again.",
} as const;
