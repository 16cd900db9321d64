/**
 * The difference of a version with another: what is added, changed and removed, and what that would do.
 *
 * A row of the difference is a number and a time for which it has one old and one new mailbox. Where no row is limited in
 * time, that is a row of the file.
 */
import { z } from 'zod';
import { type Guard, guardsOf } from '../../mapping/guards.ts';
import { type MappingRule, type RulePart, ruleChanges, ruleOf } from '../../mapping/version-rule.ts';
import { type Actor, authorize } from '../../security/actor.ts';
import { openSecret, sealSecret, TamperedError, UnknownKeyError } from '../../security/sealing.ts';
import { maskedNumber, seesNumbers } from '../../security/shown-number.ts';
import { comparedBy, isStale, movedByRule } from './apply.ts';
import { type Found as Answered, comparisonOf } from './kept-answers.ts';
import type { ComparingParts } from './parts.ts';
import { type Compared, countDifference, otherVersions } from './store/difference.ts';
import {
  type DifferenceKind,
  otherConnectorsOf,
  peopleOf,
  type RowPlace,
  readDifference,
} from './store/difference-rows.ts';
import { countArchived, countArchivedOf, countReleased } from './store/effect.ts';
import { readOverruled } from './store/overruled.ts';
import { countReleasedByRule, type MovedPerson, type PeopleMoved } from './store/rule-effect.ts';
import { type MappedConnector, mappedConnector, readInForce, readSummary } from './store/versions.ts';
import type { VersionSummary } from './version-summary.ts';

export type { DifferenceKind } from './store/difference-rows.ts';

export interface DifferenceCounts {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly unchanged: number;
  /** rows of the version that are valid now and whose number has an e-mail address at the source */
  readonly comparable: number;
  /** of these: the mailbox is not that address, nor known to be the same person's */
  readonly disagreeing: number;
  /** of these: it was not so in the version that is compared with */
  readonly newlyDisagreeing: number;
  /** rows of the version whose number another live connector maps too: a warning */
  readonly withOtherConnector: number;
}

export interface DifferenceEffect {
  /** copies that wait and would be sent, as far as the directory is known */
  readonly waitingReleased: number;
  /** copies archived in the last 30 days in other mailboxes than those that the rows name now: they stay there */
  readonly archivedLast30Days: number;
}

export interface VersionDifference {
  readonly kind: 'difference';
  readonly version: VersionSummary;
  /** null: compared with nothing */
  readonly base: VersionSummary | null;
  /** whether `base` is what is in force, so that the version can be applied against it */
  readonly baseInForce: boolean;
  /** another version came into force since the file was proposed: `proposeAgain` before it is applied */
  readonly stale: boolean;
  readonly counts: DifferenceCounts;
  readonly effect: DifferenceEffect;
  /** what the version would say against what somebody chose in the portal, by number; only of a proposal */
  readonly overruled: Overruled;
  /** when counts and effect were asked for: what the source, the directory and the archive say changes */
  readonly countedAt: Date;
  /** what is to be passed before it comes into force */
  readonly guards: readonly Guard[];
  /** of another rule; null where it is the same */
  readonly rule: RuleDifference | null;
}

/** Another rule than the one compared with. */
export interface RuleDifference {
  readonly changes: readonly RulePart[];
  readonly before: MappingRule;
  readonly after: MappingRule;
  /** registered users by what becomes of their mailbox; null where the comparison is not with what is in force */
  readonly moved: PeopleMoved | null;
  /** the first of them by number, masked for those who may not see numbers */
  readonly people: readonly MovedPerson[];
}

/** Rows that were added in the portal and get another mailbox by the version. */
export interface Overruled {
  readonly count: number;
  /** at most 100. Numbers are masked for those who may not see them; `newMailbox` null: none for that time */
  readonly rows: readonly Pick<DifferenceRow, 'number' | 'oldMailbox' | 'newMailbox' | 'validFrom' | 'validTo'>[];
}

export interface DifferenceInput {
  readonly connectorId: string;
  readonly versionId: string;
  /** the version to compare with; null: with nothing; left out: with what is in force */
  readonly against?: string | null;
}

export interface DifferenceRow {
  /** E.164; masked for those who may not see numbers */
  readonly number: string;
  /** name and e-mail address at the source */
  readonly name: string | null;
  readonly email: string | null;
  readonly oldMailbox: string | null;
  readonly newMailbox: string | null;
  /** [from, to) of the message's time; null is open */
  readonly validFrom: Date | null;
  readonly validTo: Date | null;
  /** copies archived in the last 30 days in the old mailbox, or by the e-mail address where no row was */
  readonly archivedLast30Days: number;
  /** the first other live connector that maps the number, where `kind` asks for those */
  readonly otherConnector: { readonly name: string; readonly mailbox: string } | null;
}

export interface DifferencePage {
  readonly rows: readonly DifferenceRow[];
  /** `after` of the next page, sealed: it has a number in it that not everybody may see. null where this is the last */
  readonly next: string | null;
}

/** Counted anew where `parts` keep no answers. Needs `connectors.read`. @throws NotAllowed */
export async function versionDifference(
  parts: Pick<ComparingParts, 'database' | 'kept'>,
  actor: Actor,
  input: DifferenceInput,
): Promise<VersionDifference | { readonly kind: 'not_found' }> {
  authorize(actor, 'connectors.read');
  const { pool } = parts.database;
  const found = await compare(parts, actor, input);
  if (found === null) return { kind: 'not_found' };
  const { connector, version, base, inForce, compared } = found;
  const before = ruleOf(base ?? connector);
  const changes = ruleChanges(before, version);
  // How numbers are read and who is registered is known of now only.
  const comparesRules = version.status === 'proposed' && (base?.id ?? null) === (inForce?.id ?? null);
  const counted = await askedOnce(parts, compared, comparesRules ? 'counts and people' : 'counts', async () => {
    // One after the other: each is a heavy question, and others want the database, too.
    const counts = await countDifference(pool, compared);
    const people = comparesRules ? await movedByRule(pool, compared, before, version) : null;
    const waitingReleased =
      people === null
        ? await countReleased(pool, compared)
        : await countReleasedByRule(pool, { ...compared, before, after: version });
    const archivedLast30Days = await countArchived(pool, compared);
    return { counts, people, effect: { waitingReleased, archivedLast30Days } };
  });
  const { counts, effect, people } = counted.answer;
  const shown = (number: string): string => (seesNumbers(actor) ? number : maskedNumber(number));
  const overruled = version.status === 'proposed' ? await overruledOf(parts, actor, compared) : { count: 0, rows: [] };
  return {
    kind: 'difference',
    version,
    base,
    baseInForce: (base?.id ?? null) === (inForce?.id ?? null),
    stale: version.status === 'proposed' && isStale(version, inForce),
    counts,
    effect,
    countedAt: counted.at,
    overruled,
    guards: guardsOf(counts, connector, people?.counts ?? null),
    rule:
      changes.length === 0
        ? null
        : {
            changes,
            before,
            after: ruleOf(version),
            moved: people?.counts ?? null,
            people: (people?.people ?? []).map((one) => ({ ...one, number: shown(one.number) })),
          },
  };
}

async function overruledOf(
  parts: Pick<ComparingParts, 'database' | 'kept'>,
  actor: Actor,
  compared: Compared,
): Promise<Overruled> {
  if (compared.against === null) return { count: 0, rows: [] };
  const { answer } = await askedOnce(parts, compared, 'overruled', () =>
    readOverruled(parts.database.pool, compared, MOST_OVERRULED),
  );
  const { count, rows } = answer;
  const whole = seesNumbers(actor);
  return { count, rows: rows.map((row) => ({ ...row, number: whole ? row.number : maskedNumber(row.number) })) };
}

/** What is kept of a comparison. Another mapping of another connector, or another domain, is another comparison. */
async function askedOnce<Answer>(
  { database, kept }: Pick<ComparingParts, 'database' | 'kept'>,
  compared: Compared,
  name: string,
  ask: () => Promise<Answer>,
): Promise<Answered<Answer>> {
  if (kept === undefined) return { at: new Date(), answer: await ask() };
  const others = (await otherVersions(database.pool, compared)).map(({ id }) => id);
  const rest = JSON.stringify([name, compared.verifiedDomains, others]);
  return kept.find(comparisonOf(compared), rest, ask);
}

/** Count again: what is kept of a comparison is forgotten. Needs `connectors.read`. @throws NotAllowed */
export async function forgetDifference(
  parts: Pick<ComparingParts, 'database' | 'kept'>,
  actor: Actor,
  input: DifferenceInput,
): Promise<void> {
  authorize(actor, 'connectors.read');
  const found = await compare(parts, actor, input);
  if (found !== null) parts.kept?.forget(comparisonOf(found.compared));
}

interface Found {
  readonly connector: MappedConnector;
  readonly version: VersionSummary;
  readonly base: VersionSummary | null;
  readonly inForce: VersionSummary | null;
  readonly compared: Compared;
}

async function compare(
  { database: { pool } }: Pick<ComparingParts, 'database'>,
  actor: Actor,
  { connectorId, versionId, against }: DifferenceInput,
): Promise<Found | null> {
  const connector = await mappedConnector(pool, actor.organizationId, connectorId);
  const version = connector && (await readSummary(pool, actor, connectorId, versionId));
  if (!connector || !version || version.rowsClearedAt !== null) return null;
  const inForce = await readInForce(pool, actor, connectorId);
  const base = typeof against === 'string' ? await readSummary(pool, actor, connectorId, against) : null;
  if (typeof against === 'string' && (base === null || base.rowsClearedAt !== null)) return null;
  const compared = against === undefined ? inForce : base;
  return {
    connector,
    version,
    base: compared,
    inForce,
    compared: { ...comparedBy(connector), versionId, against: compared?.id ?? null },
  };
}

const MOST_ROWS = 500;
const MOST_OVERRULED = 100;

/**
 * Rows of one kind by number, a page at a time; numbers are masked without `mapping.manage` or `content.read`. Needs
 * `connectors.read`.
 *
 * @returns null where the version is not found
 * @throws NotAllowed
 */
export async function differenceRows(
  parts: Pick<ComparingParts, 'database' | 'kept' | 'keyRing'>,
  actor: Actor,
  input: DifferenceInput & {
    readonly kind: DifferenceKind;
    /** null for the first page, then `next`; what is no such place is the first page */
    readonly after: string | null;
    /** at most 500 */
    readonly limit: number;
  },
): Promise<DifferencePage | null> {
  authorize(actor, 'connectors.read');
  const { pool } = parts.database;
  const found = await compare(parts, actor, input);
  if (found === null) return null;
  const { compared } = found;
  const limit = Math.max(1, Math.min(input.limit, MOST_ROWS));
  const context = `mapping-difference-place:${comparisonOf(compared)}:${input.kind}`;
  const after = openPlace(parts, input.after, context);
  const place = { after, limit: limit + 1 };
  const { answer: read } = await askedOnce(parts, compared, `${input.kind} ${JSON.stringify(place)}`, () =>
    readDifference(pool, compared, input.kind, place),
  );
  const page = read.slice(0, limit);
  const numbers = page.map(({ number }) => number);
  const people = await peopleOf(pool, compared, numbers);
  const archived = await countArchivedOf(pool, compared, page);
  const others = input.kind === 'other_connector' ? await otherConnectorsOf(pool, compared, numbers) : null;
  const whole = seesNumbers(actor);
  const rows = page.map((row, index) => ({
    ...row,
    number: whole ? row.number : maskedNumber(row.number),
    name: people.get(row.number)?.name ?? null,
    email: people.get(row.number)?.email ?? null,
    archivedLast30Days: archived[index] ?? 0,
    otherConnector: others?.get(row.number) ?? null,
  }));
  const last = page.at(-1);
  return { rows, next: read.length > limit && last ? sealPlace(parts, last, context) : null };
}

const placeSchema = z.tuple([z.string(), z.iso.datetime().nullable()]);

function sealPlace({ keyRing }: Pick<ComparingParts, 'keyRing'>, { number, validFrom }: RowPlace, context: string) {
  return sealSecret(keyRing, JSON.stringify([number, validFrom] satisfies [string, Date | null]), context);
}

function openPlace(
  { keyRing }: Pick<ComparingParts, 'keyRing'>,
  sealed: string | null,
  context: string,
): RowPlace | null {
  if (sealed === null) return null;
  try {
    const [number, from] = placeSchema.parse(JSON.parse(openSecret(keyRing, sealed, context)));
    return { number, validFrom: from === null ? null : new Date(from) };
  } catch (error) {
    if (error instanceof TamperedError || error instanceof UnknownKeyError) return null;
    throw error;
  }
}
