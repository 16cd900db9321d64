/**
 * The TeleMessage site of the sandbox: what its routes and the pages that look into it have in common. One for each
 * set of parts.
 */
import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { SandboxParts } from '../composition.ts';
import { corpusPhones } from '../phones/corpus/corpus-phones.ts';
import { readCorpus } from '../phones/corpus/read-corpus.ts';
import { generatedPhones } from '../phones/generated.ts';
import type { FeedEntry, FeedPosition, Phones } from '../phones/item.ts';
import { findArchiverKind } from '../phones/kinds.ts';
import { describeCatalogue } from '../phones/media/catalogue.ts';
import { DAY_MS } from '../phones/rhythm.ts';
import type { Tenant } from '../world/people.ts';
import { tenants as world } from '../world/tenants.ts';
import { type AccountBook, accountBook } from './account-book.ts';
import { type ConditionsDesk, conditionsDesk } from './conditions.ts';
import { type TelemessageOptions, telemessageOptions } from './options.ts';
import { type Registrations, registrationBook } from './registrations.ts';
import { type SignIn, signInDesk } from './sign-in.ts';
import { troubled } from './troubles.ts';
import { type Cursors, cursors, type Window } from './window.ts';

export interface TelemessageSite {
  readonly conditions: ConditionsDesk;
  readonly accounts: AccountBook;
  readonly signIn: SignIn;
  readonly registrations: Registrations;
  readonly cursors: Cursors;
  /** the organizations with everybody who has a phone account now */
  readonly tenants: readonly Tenant[];
  /** what the phones speak where they have no conversations of their own: a sentence for people */
  readonly speech: string | null;
  /** The site's clock, ms since the epoch. */
  now(): number;
  /** Every item that arrived before is visible, ms since the epoch. */
  settledThrough(): number;
  /** Items that arrived before are gone, ms since the epoch. A midnight UTC. */
  earliestRetained(): number;
  /** The phones of a tenant under a kind; undefined where the tenant or kind does not exist. */
  phones(tenantId: string, kindId: string): Phones | undefined;
  /** What the site lists of a window, behind `after`. */
  archived(phones: Phones, window: Window, after?: FeedPosition): Iterable<FeedEntry>;
  /** Resolves when `archived` can be walked without keeping other requests waiting. Ask before each walk. */
  readyToWalk(): Promise<void>;
  /** Everything as at a first start, without sessions; what was registered stays, and is active. */
  reset(): void;
  /** Has `forget` called at each reset. */
  onReset(forget: () => void): void;
}

/** What the site needs of the sandbox. */
export type TelemessageParts = Pick<SandboxParts, 'settings' | 'clock' | 'database' | 'directory'>;

const sites = new WeakMap<TelemessageParts, Promise<TelemessageSite>>();

/** The site of these parts; made at the first call. */
export function telemessageSite(parts: TelemessageParts): Promise<TelemessageSite> {
  const known = sites.get(parts);
  if (known !== undefined) return known;
  const site = openSite(parts);
  sites.set(parts, site);
  return site;
}

async function openSite({ settings, clock, database, directory }: TelemessageParts): Promise<TelemessageSite> {
  const options = telemessageOptions(settings);
  const conditions = conditionsDesk(options.conditions);
  const accounts = accountBook(database);
  const signIn = signInDesk(database, clock, accounts, conditions);
  const now = (): number => clock().getTime();
  const earliestRetained = (): number => Math.floor(now() / DAY_MS - options.retainedDays) * DAY_MS;
  const spoken = settings.corpus === undefined ? null : await speakCorpus(settings.corpus, options, database, now());
  const made = new Map<string, Phones>();
  const registrations = registrationBook(database, clock);
  const forgetters: (() => void)[] = [];

  const phones = (tenantId: string, kindId: string): Phones | undefined => {
    const key = `${tenantId}/${kindId}`;
    const known = made.get(key);
    if (known !== undefined) return known;
    // as the world is written, whatever became of the directory: what was archived does not change afterwards
    const tenant = world.find((one) => one.id === tenantId);
    const kind = findArchiverKind(kindId);
    if (tenant === undefined || kind === undefined) return undefined;
    const fresh =
      spoken === null
        ? generatedPhones({ seed: settings.seed, tenant, kind, itemsPerDay: settings.itemsPerDay })
        : corpusPhones({ ...spoken, tenant, kind });
    made.set(key, fresh);
    return fresh;
  };

  function* archived(from: Phones, window: Window, after?: FeedPosition): Generator<FeedEntry> {
    const begin = Math.max(window.from, earliestRetained());
    const { troubles } = conditions.inForce;
    for (const entry of from.archivedBetween(begin, window.to, after)) yield troubled(entry, troubles, now());
  }

  return {
    conditions,
    accounts,
    signIn,
    registrations,
    cursors: cursors(remembered(database, 'cursor key', () => randomBytes(32).toString('base64url'))),
    tenants: directory.subscribers,
    speech: spoken === null ? null : `${spoken.corpus.length.toLocaleString('en')} messages of a corpus`,
    now,
    settledThrough: () => now() - conditions.inForce.settleLagSeconds * 1_000,
    earliestRetained,
    phones,
    archived,
    // a corpus has no media
    readyToWalk: () => (spoken === null ? describeCatalogue() : Promise.resolve()),
    reset: () => {
      conditions.reset();
      accounts.reset();
      registrations.activateAll();
      signIn.unlockAll();
      signIn.endAll();
      for (const forget of forgetters) forget();
    },
    onReset: (forget) => {
      forgetters.push(forget);
    },
  };
}

/** A connector that is set up within this time after the first start finds the whole corpus in its first 24 hours. */
const CORPUS_HEADROOM_MS = DAY_MS / 2;
/** the youngest message of a corpus is so old at the first start, and therefore settled */
const CORPUS_YOUNGEST_MS = 5 * 60_000;

/** The corpus and the time over which it is spread. Both stay the same over restarts, and so do all arrivals. */
async function speakCorpus(path: string, options: TelemessageOptions, database: DatabaseSync, now: number) {
  const corpus = await readCorpus(path, options.corpusLimit);
  const firstStart = Number(remembered(database, 'first start with a corpus', () => String(now)));
  const from = firstStart - options.corpusDays * DAY_MS + CORPUS_HEADROOM_MS;
  return { corpus, from, to: firstStart - CORPUS_YOUNGEST_MS };
}

/** A value that is chosen once and stays, also over restarts. */
function remembered(database: DatabaseSync, name: string, choose: () => string): string {
  database.exec('CREATE TABLE IF NOT EXISTS telemessage_state (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT');
  database.prepare('INSERT INTO telemessage_state VALUES (?, ?) ON CONFLICT DO NOTHING').run(name, choose());
  return String(database.prepare('SELECT value FROM telemessage_state WHERE name = ?').get(name)?.value);
}
