/** A mail before it is text or HTML: what it says, of one connector or of many. Pure. */
import type { Single } from './content.ts';
import { htmlOf } from './letter-html.ts';
import { summaryLetter } from './letter-summary.ts';
import { textOf } from './letter-text.ts';
import { counted, factOf, isOwnFact, reachOf, remedyOf, titleOf, utc } from './words.ts';

export interface Entry {
  readonly name: string;
  readonly href: string;
  readonly lines: readonly string[];
  /** the page on which somebody can do something about it */
  readonly task?: Letter['link'];
}

export type Block =
  | { readonly kind: 'text'; readonly lines: readonly string[] }
  | { readonly kind: 'entries'; readonly heading: string; readonly entries: readonly Entry[] };

export interface Letter {
  readonly subject: string;
  readonly blocks: readonly Block[];
  readonly link: { readonly label: string; readonly href: string };
}

export interface MailText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/**
 * A mail of single notices that have one kind and cause.
 *
 * @param portalUrl base address of the portal, for links
 */
export function mailOf(items: readonly Single[], portalUrl: string): MailText {
  const letter = letterOf(items, portalUrl);
  return { subject: letter.subject, text: textOf(letter), html: htmlOf(letter) };
}

function letterOf(items: readonly Single[], portalUrl: string): Letter {
  const [first] = items;
  if (first === undefined) throw new RangeError('a mail that says nothing');
  const links = linksTo(portalUrl);
  const names = new Map(items.map(({ connector }) => [connector.id, connector.name]));
  const whose = names.size === 1 ? first.connector.name : counted(names.size, 'connector');
  const link =
    names.size === 1
      ? { label: 'Open the connector', href: links.connector(first.connector.id) }
      : { label: 'Open the connectors', href: links.all };
  const summaries = items.filter((item) => item.kind === 'summary');
  if (first.kind === 'summary') return { ...summaryLetter(summaries, links), link };
  const entriesOf = (of: readonly Single[]): Entry[] =>
    of.map((item) => ({ name: item.connector.name, href: links.connector(item.connector.id), lines: linesOf(item) }));
  return {
    subject: `${titleOfNotice(first)}: ${whose}`,
    blocks: [
      { kind: 'text', lines: whatOf(first, items) },
      {
        kind: 'entries',
        heading: names.size === 1 ? 'Connector' : counted(names.size, 'connector'),
        entries: entriesOf(items),
      },
      { kind: 'text', lines: first.kind === 'began' ? ['You get another notice when it is over.'] : [] },
    ],
    link,
  };
}

function linksTo(portalUrl: string) {
  return {
    connector: (id: string) => new URL(`/connectors/${id}`, portalUrl).href,
    notImported: (id: string) => new URL(`/connectors/${id}/not-imported`, portalUrl).href,
    all: new URL('/data-connectors/connectors', portalUrl).href,
  };
}

function titleOfNotice(item: Single): string {
  switch (item.kind) {
    case 'began':
      return titleOf(item.event);
    case 'ended':
      return `Recovered: ${titleOf(item.event)}`;
    case 'mapping_changed':
      return titleOf('mapping_changed');
    case 'summary':
      return 'Daily summary';
    case 'heartbeat':
      return 'Heartbeat';
    case 'test':
      return 'Test notice';
  }
}

/** What is so of all of them, and what helps. */
function whatOf(first: Single, items: readonly Single[]): string[] {
  switch (first.kind) {
    case 'began': {
      const facts = isOwnFact(first) ? [] : [factOf(first)];
      return [...facts, remedyOf(first), reachOf(first)].filter(isText);
    }
    case 'ended': {
      const unsent = items.some((item) => item.kind === 'ended' && !item.beginningSent);
      return [
        isOwnFact(first) ? null : `This is over: ${factOf(first)}`,
        unsent ? 'The notice that it began could not be delivered before: this one tells both.' : null,
      ].filter(isText);
    }
    case 'mapping_changed':
      return ['If you did not expect that, look at who applied it on the tab User mapping.'];
    case 'test':
      return [`Somebody pressed the test button at ${utc(first.at)}. Notices of this connector reach you.`];
    case 'heartbeat':
      return [`Import ${first.import} is complete.`];
    case 'summary':
      return [];
  }
}

/** What is so of each. */
function linesOf(item: Single): string[] {
  switch (item.kind) {
    case 'began':
      return [...(isOwnFact(item) ? [factOf(item)] : []), `Since ${utc(item.beganAt)}`];
    case 'ended':
      return [
        ...(isOwnFact(item) ? [`This is over: ${factOf(item)}`] : []),
        `From ${utc(item.beganAt)} to ${utc(item.endedAt)}`,
      ];
    case 'mapping_changed':
      return [
        `Version ${item.version} of the user mapping is in force since ${utc(item.at)}. It has ${counted(item.rows, 'row')}.`,
      ];
    default:
      return [];
  }
}

function isText(line: string | null): line is string {
  return line !== null;
}
