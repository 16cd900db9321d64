/**
 * Looks through an organization's whole audit log and finds the first fault: an entry that was altered, is missing, stands
 * in another's place or was never linked; a chain that was cut off or is another than the one that was anchored.
 *
 * What it trusts are the keys and the anchors, which are not in the database.
 */
import type pg from 'pg';
import { type AnchorStatement, readAnchor } from './anchor.ts';
import type { AnchorStore } from './anchor-store.ts';
import { type CheckpointStatement, LinksDigest, monthOf, readCheckpoint } from './checkpoint.ts';
import type { Finding } from './finding.ts';
import { type Fork, forkOf } from './fork.ts';
import type { AuditKeys } from './keys.ts';
import { BEFORE_FIRST, linkMac } from './record.ts';
import { neverLinked, readLinked } from './store/linked.ts';
import { type EntryRow, recordOf } from './store/rows.ts';

export interface VerifiedLog {
  readonly organizationId: string;
  /** last place up to which everything is as it was written; 0: nothing */
  readonly throughSeq: string;
  /** time of the entry there, ISO 8601 in UTC */
  readonly throughTime: string | null;
  /** the last anchor that says the same of the chain */
  readonly anchor: AnchorStatement | null;
  readonly anchors: number;
  /** where the database was restored from a backup, and somebody said so */
  readonly forks: readonly Fork[];
  /** the first fault; null: none */
  readonly finding: Finding | null;
}

export interface VerifyDeps {
  readonly pool: pg.Pool;
  readonly keys: AuditKeys;
  readonly anchors: AnchorStore;
  now(): Date;
}

const AT_A_TIME = 2_000;
/** Entries are linked within seconds. One that is older and is not was kept from it. */
const LINKED_WITHIN_MS = 10 * 60_000;

/** In bounded memory but for the anchors, of which there are 24 a day at most. */
export async function verifyAuditLog(
  deps: VerifyDeps,
  organizationId: string,
  signal?: AbortSignal,
): Promise<VerifiedLog> {
  const anchors = await readAnchors(deps, organizationId);
  const purged = await readCheckpoints(deps, organizationId);
  const walk = await walkChain(deps, organizationId, anchors.good, purged.months, signal);
  const finding =
    walk.finding ?? purged.differs() ?? anchors.finding ?? purged.finding ?? (await unlinked(deps, organizationId));
  return { organizationId, ...walk, anchors: anchors.good.length, finding };
}

interface Anchors {
  readonly good: readonly AnchorStatement[];
  readonly finding: Finding | null;
}

async function readAnchors(deps: VerifyDeps, organizationId: string): Promise<Anchors> {
  const good: AnchorStatement[] = [];
  let finding: Finding | null = null;
  for await (const { name, text } of deps.anchors.all(organizationId)) {
    const anchor = readAnchor(deps.keys, text);
    if (anchor?.statement.organizationId === organizationId) good.push(anchor.statement);
    else finding ??= { kind: 'anchor_not_ours', name };
  }
  return { good, finding };
}

/** Months that were purged: what their checkpoints say, and what is found of them. */
interface Purged {
  readonly months: ReadonlyMap<string, LinksDigest>;
  readonly finding: Finding | null;
  /** asked at the end of the walk */
  differs(): Finding | null;
}

async function readCheckpoints(deps: VerifyDeps, organizationId: string): Promise<Purged> {
  const said = new Map<string, CheckpointStatement>();
  const months = new Map<string, LinksDigest>();
  let finding: Finding | null = null;
  for await (const { name, text } of deps.anchors.checkpoints(organizationId)) {
    const statement = readCheckpoint(deps.keys, text)?.statement;
    if (statement?.organizationId !== organizationId) {
      finding ??= { kind: 'anchor_not_ours', name };
      continue;
    }
    said.set(statement.month, statement);
    months.set(statement.month, new LinksDigest());
  }
  const isOther = ({ month, entries, digest }: CheckpointStatement): boolean => {
    const found = months.get(month);
    return found !== undefined && (found.entries !== entries || found.hex() !== digest);
  };
  return {
    months,
    finding,
    differs() {
      const other = [...said.values()].find(isOther);
      return other ? { kind: 'checkpoint_differs', month: other.month } : null;
    },
  };
}

type Walk = Pick<VerifiedLog, 'throughSeq' | 'throughTime' | 'anchor' | 'forks' | 'finding'>;

async function walkChain(
  deps: VerifyDeps,
  organizationId: string,
  anchors: readonly AnchorStatement[],
  purged: Purged['months'],
  signal: AbortSignal | undefined,
): Promise<Walk> {
  const places = new Places(anchors);
  let before: Uint8Array = BEFORE_FIRST;
  for (;;) {
    signal?.throwIfAborted();
    const rows = await readLinked(deps.pool, organizationId, places.seq, AT_A_TIME);
    for (const [index, row] of rows.entries()) {
      const month = purged.get(monthOf(row.entryAt));
      month?.add(row.seq, row.mac);
      // Its entry went with its month: the checkpoint stands for what it was.
      const isGone = month !== undefined && row.entry === null && row.seq === places.next;
      const fault = isGone ? null : faultOf(deps.keys, row, places.next, before, rows.slice(index + 1, index + 200));
      if (fault) return places.ended(fault);
      before = row.mac;
      places.pass(row);
    }
    if (rows.length < AT_A_TIME) return places.ended(null);
  }
}

/** How far the walk came, and what the anchors say of it. */
class Places {
  #seq = 0n;
  #time: string | null = null;
  #anchor: AnchorStatement | null = null;
  readonly #anchors: readonly AnchorStatement[];
  readonly #at: ReadonlyMap<string, readonly AnchorStatement[]>;
  /** anchors whose place has another code, each with where the walk was before */
  readonly #differing: { readonly anchor: AnchorStatement; readonly throughTime: string | null }[] = [];
  readonly #forks: Fork[] = [];

  constructor(anchors: readonly AnchorStatement[]) {
    this.#anchors = anchors;
    this.#at = Map.groupBy(anchors, ({ seq }) => seq);
  }

  get seq(): string {
    return String(this.#seq);
  }

  get next(): string {
    return String(this.#seq + 1n);
  }

  pass(row: LinkedRow): void {
    for (const anchor of this.#at.get(row.seq) ?? []) {
      if (anchor.mac === row.mac.toString('hex')) this.#anchor = anchor;
      else this.#differing.push({ anchor, throughTime: this.#time });
    }
    const fork = row.entry && forkOf(row.seq, recordOf(row.entry));
    if (fork) this.#forks.push(fork);
    this.#seq += 1n;
    this.#time = row.entry?.at.toISOString() ?? this.#time;
  }

  /** Anchors of a chain that a restore left behind are no fault where an entry says so. */
  ended(fault: Finding | null): Walk {
    const abandoned = ({ seq, at }: AnchorStatement): boolean =>
      this.#forks.some((fork) => at < fork.at && BigInt(seq) > BigInt(fork.commonSeq));
    const differing = this.#differing.find(({ anchor }) => !abandoned(anchor));
    const said = { anchor: this.#anchor, forks: this.#forks };
    if (differing) {
      const { anchor, throughTime } = differing;
      const finding: Finding = { kind: 'other_chain', seq: anchor.seq, anchoredAt: anchor.at };
      return { ...said, throughSeq: String(BigInt(anchor.seq) - 1n), throughTime, finding };
    }
    const reached = { ...said, throughSeq: this.seq, throughTime: this.#time };
    if (fault) return { ...reached, finding: fault };
    const beyond = this.#anchors.find((anchor) => BigInt(anchor.seq) > this.#seq && !abandoned(anchor));
    if (!beyond) return { ...reached, finding: null };
    const { seq: anchorSeq, at: anchoredAt } = beyond;
    return { ...reached, finding: { kind: 'cut_off', seq: this.next, anchorSeq, anchoredAt } };
  }
}

export interface LinkedRow {
  readonly seq: string;
  readonly entryId: string;
  readonly entryAt: Date;
  readonly keyId: string;
  readonly mac: Buffer;
  /** null: it is not there */
  readonly entry: EntryRow | null;
}

/** @param seq the place that comes next */
function faultOf(
  keys: AuditKeys,
  row: LinkedRow,
  seq: string,
  before: Uint8Array,
  following: readonly LinkedRow[],
): Finding | null {
  if (row.seq !== seq) return { kind: 'gap', seq };
  if (row.entry === null) return { kind: 'missing', seq, entryId: row.entryId };
  const key = keys.keys.get(row.keyId);
  if (!key) return { kind: 'key_missing', seq, keyId: row.keyId };
  const fits = ({ entry }: LinkedRow): boolean =>
    entry !== null && row.mac.equals(linkMac(key.linking, recordOf(entry), seq, row.keyId, before));
  if (fits(row)) return null;
  const other = following.find(fits);
  if (other) return { kind: 'reordered', seq, entryId: row.entryId, belongs: other.entryId };
  return { kind: 'altered', seq, entryId: row.entryId, at: row.entry.at.toISOString() };
}

async function unlinked(deps: VerifyDeps, organizationId: string): Promise<Finding | null> {
  const before = new Date(deps.now().getTime() - LINKED_WITHIN_MS);
  const entry = await neverLinked(deps.pool, organizationId, before);
  return entry && { kind: 'never_linked', entryId: entry.id, at: entry.at.toISOString() };
}
