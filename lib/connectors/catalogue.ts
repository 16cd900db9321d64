/**
 * The kinds of connector, as data. One wizard and one engine serve them all; what differs is written here and nowhere
 * else. Folders and item types are those of the connector family's public documentation.
 */
import type { MailFacts } from '../mail/plan.ts';

export const ITEM_TYPES = [
  'SMS',
  'MMS',
  'Voice calls',
  'Call logs',
  'Call recordings',
  'Chats',
  'Files',
  'Deleted messages',
] as const;
/** What a connector imports, in the words of its description. */
export type CatalogueItemType = (typeof ITEM_TYPES)[number];

export interface ConnectorKind {
  /** also the kind of archive at TeleMessage, and the address of the description */
  readonly slug: string;
  readonly name: string;
  /** one sentence for the card */
  readonly summary: string;
  readonly description: string;
  readonly imports: readonly CatalogueItemType[];
  /** the folder in every participant's mailbox */
  readonly folder: string;
  readonly mail: MailFacts;
  /** an app on the phone that must be installed, or the operator's network */
  readonly captures: 'app' | 'network';
  /** where the service is ordered, and how users are registered */
  readonly links: { readonly order: string; readonly register: string };
}

/** Names of the items' own property lie in this set, so that no other product's property can be taken for ours. */
const PROPERTY_SET = '9b0a7c41-6f3e-4d58-8a2b-51c7e0d4f6a3';

interface Facts {
  readonly slug: string;
  readonly name: string;
  readonly imports: readonly CatalogueItemType[];
  readonly folder: string;
  /** last part of the message class */
  readonly itemClass: string;
  readonly captures: ConnectorKind['captures'];
  readonly source: string;
  readonly order: string;
}

function kind(facts: Facts): ConnectorKind {
  const { slug, name, imports, folder, itemClass, captures, source, order } = facts;
  const list = sentenceList(imports);
  return {
    slug,
    name,
    imports,
    folder,
    captures,
    summary: `${capitalized(list)} from ${source}.`,
    description: `Imports ${list} from ${source} and archives them in Microsoft 365 mailboxes, where Litigation Hold, Content Search and retention policies apply to them.`,
    mail: {
      messageClass: `IPM.ExternalData.${itemClass}`,
      itemIdProperty: { guid: PROPERTY_SET, name: `${itemClass}ItemId` },
    },
    links: { order, register: 'https://www.telemessage.com/support/' },
  };
}

const CHATS = ['Chats', 'Voice calls', 'Files', 'Deleted messages'] as const;
const ORDER = 'https://www.telemessage.com/mobile-archiver/order-mobile-archiver-for-o365';

export const catalogue: readonly ConnectorKind[] = [
  kind({
    slug: 'android-archiver',
    name: 'Android Archiver',
    imports: ['SMS', 'MMS', 'Voice calls', 'Call logs'],
    folder: 'Android Archiver',
    itemClass: 'AndroidArchiver',
    captures: 'app',
    source: "employees' Android phones",
    order: ORDER,
  }),
  network('att-network', 'AT&T', ['SMS', 'MMS'], 'AT&T SMS/MMS Network Archiver', 'ATTNetwork'),
  network('bell-network', 'Bell', ['SMS', 'MMS'], 'Bell SMS/MMS Network Archiver', 'BellNetwork'),
  kind({
    slug: 'enterprise-number-archiver',
    name: 'Enterprise Number Archiver',
    imports: ['SMS', 'MMS', 'Chats', 'Call recordings', 'Call logs'],
    folder: 'Enterprise Number Archiver',
    itemClass: 'EnterpriseNumberArchiver',
    captures: 'app',
    source: "employees' enterprise numbers",
    order: ORDER,
  }),
  network('o2-network', 'O2', ['SMS', 'Voice calls'], 'O2 SMS and Voice Network Archiver', 'O2Network'),
  network('rogers-network', 'Rogers', ['SMS', 'MMS'], 'Rogers SMS/MMS Network Archiver', 'RogersNetwork'),
  network('telus-network', 'TELUS', ['SMS'], 'TELUS SMS Network Archiver', 'TELUSNetwork'),
  network('verizon-network', 'Verizon', ['SMS', 'MMS'], 'Verizon SMS/MMS Network Archiver', 'VerizonNetwork'),
  chat('signal-archiver', 'Signal'),
  chat('telegram-archiver', 'Telegram'),
  chat('wechat-archiver', 'WeChat'),
  chat('whatsapp-archiver', 'WhatsApp'),
];

function network(
  slug: string,
  operator: string,
  imports: readonly CatalogueItemType[],
  folder: string,
  itemClass: string,
): ConnectorKind {
  const source = `the ${operator} mobile network`;
  return kind({
    slug,
    name: `${operator} Network`,
    imports,
    folder,
    itemClass,
    captures: 'network',
    source,
    order: ORDER,
  });
}

function chat(slug: string, app: string): ConnectorKind {
  const name = `${app} Archiver`;
  const itemClass = `${app}Archiver`;
  return kind({ slug, name, imports: CHATS, folder: name, itemClass, captures: 'app', source: app, order: ORDER });
}

const bySlug = new Map(catalogue.map((one) => [one.slug, one]));

/** The kind of this slug; undefined where the catalogue has none. */
export function findKind(slug: string): ConnectorKind | undefined {
  return bySlug.get(slug);
}

/**
 * The kinds that match a search and a filter, in the catalogue's order.
 *
 * @param search words that must all occur in name, folder or item types, in any case; empty for all
 * @param imports only kinds that import this; null for all
 */
export function searchCatalogue(search: string, imports: CatalogueItemType | null): readonly ConnectorKind[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return catalogue.filter((one) => {
    const haystack = `${one.name} ${one.folder} ${one.imports.join(' ')}`.toLowerCase();
    return (imports === null || one.imports.includes(imports)) && words.every((word) => haystack.includes(word));
  });
}

/** `SMS, MMS, voice calls and call logs`: abbreviations keep their capitals. */
function sentenceList(types: readonly CatalogueItemType[]): string {
  const words = types.map((type) => (type === type.toUpperCase() ? type : type.toLowerCase()));
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
