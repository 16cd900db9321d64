/** The left navigation, as data: a page that exists gets a line here. */
import { text } from '#components/text/text.ts';

export interface NavigationEntry {
  readonly label: string;
  readonly href: string;
  readonly icon: 'connectors' | 'evidence' | 'audit' | 'settings';
  /** addresses elsewhere that belong to it */
  readonly also?: readonly string[];
}

export const navigation: readonly NavigationEntry[] = [
  { label: text.frame.dataConnectors, href: '/data-connectors', icon: 'connectors', also: ['/connectors'] },
];

/** The entry whose page, or a page below it, is at this path. */
export function currentEntry(path: string): NavigationEntry | undefined {
  const isWithin = (root: string): boolean => path === root || path.startsWith(`${root}/`);
  return navigation.find(({ href, also = [] }) => [href, ...also].some(isWithin));
}
