/** What a page says when it cannot show what was asked for. */
import { waitingTime } from './counted.ts';

export const problems = {
  notFound: "We can't find this page.",
  notFoundHelp: 'The address may be mistyped, or what it showed is not here for your account.',
  toDataConnectors: 'Go to Data connectors',
  failed: "We couldn't load this page. Nothing changed.",
  /** a part of a page whose code did not come, or that broke */
  parts: {
    details: "We couldn't load the details. Nothing changed.",
    views: "We couldn't load the saved views. Nothing changed.",
    menu: "We couldn't load this menu. Nothing changed.",
    dialog: "We couldn't load this dialog. Nothing changed.",
    navigation: "We couldn't load the navigation. Nothing changed.",
  },
  reference: (id: string) => `Reference ${id}.`,
  tryAgain: 'Try again',
  noMatch: 'No match.',
  clearFilters: 'Clear filters',
  loading: 'Loading…',
  tooMany: (seconds: number) =>
    `You did this many times in a short while. Nothing changed. Try again in ${waitingTime(seconds)}.`,
  actionFailed: (id: string) => `That didn't work. Nothing changed. Reference ${id}.`,
  noAnswer: "We can't reach the portal. Nothing changed. Check your connection and try again.",
} as const;
