/**
 * Looks through an organization's whole audit log and finds the first fault: an entry that was altered, is missing, stands
 * in another's place or was never linked; a chain that was cut off or is another than the one that was anchored.
 *
 * What it trusts are the keys and the anchors, which are not in the database.
 */
import type pg from 'pg';
import { type AnchorStatement, readAnchor } from './anchor.ts';
import type { AnchorStore } from './anchor-store.ts';
import type { AuditKeys } from './keys.ts';
import { BEFORE_FIRST, linkMac } from './record.ts';
import { neverLinked, readLinked } from './store/linked.ts';
import type { EntryRow } from './store/rows.ts';
import { recordOf } from './store/rows.ts';

export type Finding =
  /** its text is not what was linked, or its link was changed */
  | { readonly kind: 'altered'; readonly seq: string; readonly entryId: string; readonly at: string }
  /** the link is there, the entry is not */
  | { readonly kind: 'missing'; readonly seq: string; readonly entryId: string }
  /** links of the chain are gone */
  | { readonly kind: 'gap'; readonly seq: string }
  /** this place was another entry's */
  | { readonly kind: 'reordered'; readonly seq: string; readonly entryId: string; readonly belongs: string }
  /** anchored further than the chain goes */
  | { readonly kind: 'cut_off'; readonly seq: string; readonly anchorSeq: string; readonly anchoredAt: string }
  /** an anchor names another code for this place */
  | { readonly kind: 'other_chain'; readonly seq: string; readonly anchoredAt: string }
  /** an anchor that nobody of ours signed, or that cannot be read */
  | { readonly kind: 'anchor_not_ours'; readonly name: string }
  /** linked with a key that is not in AUDIT_KEYS */
  | { readonly kind: 'key_missing'; readonly seq: string; readonly keyId: string }
  /** written, and not linked for too long */
  | { readonly kind: 'never_linked'; readonly entryId: string; readonly at: string };

export interface VerifiedLog {
  readonly organizationId: string;
  /** last place up to which everything is as it was written; 0: nothing */
  readonly throughSeq: string;
  /** time of the entry there, ISO 8601 in UTC */
  readonly throughTime: string | null;
  /** the last anchor that says the same of the chain */
  readonly anchor: AnchorStatement | null;
  readonly anchors: number;
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
  const walk = await walkChain(deps, organizationId, anchors.good, signal);
  const finding = walk.finding ?? anchors.finding ?? (await unlinked(deps, organizationId));
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

type Walk = Pick<VerifiedLog, 'throughSeq' | 'throughTime' | 'anchor' | 'finding'>;

async function walkChain(
  deps: VerifyDeps,
  organizationId: string,
  anchors: readonly AnchorStatement[],
  signal: AbortSignal | undefined,
): Promise<Walk> {
  const anchored = new Map(anchors.map((anchor) => [anchor.seq, anchor]));
  let seq = 0n;
  let before: Uint8Array = BEFORE_FIRST;
  let throughTime: string | null = null;
  let anchor: AnchorStatement | null = null;
  const ended = (finding: Finding | null): Walk => ({ throughSeq: String(seq), throughTime, anchor, finding });
  for (;;) {
    signal?.throwIfAborted();
    const rows = await readLinked(deps.pool, organizationId, String(seq), AT_A_TIME);
    for (const [index, row] of rows.entries()) {
      const fault = faultOf(deps.keys, row, String(seq + 1n), before, rows.slice(index + 1, index + 200));
      if (fault) return ended(fault);
      const said = anchored.get(row.seq);
      if (said && said.mac !== row.mac.toString('hex')) {
        return ended({ kind: 'other_chain', seq: row.seq, anchoredAt: said.at });
      }
      seq += 1n;
      before = row.mac;
      throughTime = row.entry?.at.toISOString() ?? throughTime;
      anchor = said ?? anchor;
    }
    if (rows.length < AT_A_TIME) break;
  }
  const beyond = anchors.find((one) => BigInt(one.seq) > seq);
  if (!beyond) return ended(null);
  return ended({ kind: 'cut_off', seq: String(seq + 1n), anchorSeq: beyond.seq, anchoredAt: beyond.at });
}

export interface LinkedRow {
  readonly seq: string;
  readonly entryId: string;
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
