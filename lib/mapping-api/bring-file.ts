/**
 * A mapping file that a program brings: it becomes a proposed version, which applies itself where no guard asks for a
 * person. The same file again changes nothing: not where it is in force, and not where it waits.
 */
import type {
  applyVersion,
  discardProposal,
  listVersions,
  ProposeResult,
  proposeUnlessSame,
  ReadingParts,
  Same,
  VersionDifference,
  VersionSummary,
  versionDifference,
  waitForPerson,
} from '../connectors/mapping/use-cases.ts';
import { sha256Of } from '../mapping/file-digest.ts';
import type { Actor } from '../security/actor.ts';
import type { MappingAnswer } from './answers.ts';

/** What can be done with versions; a parameter, so that a test can make others interfere. */
export interface VersionUseCases {
  readonly listVersions: typeof listVersions;
  readonly proposeUnlessSame: typeof proposeUnlessSame;
  readonly versionDifference: typeof versionDifference;
  readonly applyVersion: typeof applyVersion;
  readonly waitForPerson: typeof waitForPerson;
  readonly discardProposal: typeof discardProposal;
}

export interface BroughtFile {
  readonly connectorId: string;
  readonly fileName: string;
  readonly bytes: Uint8Array;
  readonly mode: 'replace' | 'add';
  readonly portalRows: 'keep' | 'remove' | null;
  readonly reason: string;
}

export type BringResult =
  | { readonly kind: 'answer'; readonly answer: MappingAnswer }
  | Exclude<ProposeResult, { readonly kind: 'proposed' }>
  /** several times in a row somebody else was quicker */
  | { readonly kind: 'changed_meanwhile' };

/** Somebody else may apply a version at the same moment; then everything is compared anew. */
const ATTEMPTS = 3;
/** Versions among which what a person declined or went back from is looked for: the newest. */
const LOOKED_AT = 50;

/** @throws what the database throws */
export async function bringFile(
  parts: ReadingParts,
  versions: VersionUseCases,
  actor: Actor,
  file: BroughtFile,
): Promise<BringResult> {
  const sha256 = Buffer.from(await sha256Of(file.bytes)).toString('hex');
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const result = await bringOnce({ parts, versions, actor, file, sha256 });
    if (result !== 'again') return result;
  }
  return { kind: 'changed_meanwhile' };
}

interface Bringing {
  readonly parts: ReadingParts;
  readonly versions: VersionUseCases;
  readonly actor: Actor;
  readonly file: BroughtFile;
  readonly sha256: string;
}

async function bringOnce(bringing: Bringing): Promise<BringResult | 'again'> {
  const { parts, versions, actor, file, sha256 } = bringing;
  const { connectorId } = file;
  const list = await versions.listVersions(parts, actor, { connectorId, before: null, limit: LOOKED_AT });
  if (list === null) return { kind: 'not_found' };
  // However old: those that wait are listed apart.
  const mine = list.proposed.filter((one) => one.origin === 'api' && one.createdByMe);
  // What this program brought before and nobody applied has a later file in its place.
  const discardMine = async (but?: string): Promise<void> => {
    for (const { id } of mine) {
      if (id !== but) await versions.discardProposal(parts, actor, { connectorId, versionId: id });
    }
  };
  if (list.inForce !== null && isSame(list.inForce, bringing)) {
    await discardMine();
    return unchanged(list.inForce.number, sha256, null);
  }
  const before = mine.find((one) => isSame(one, bringing));
  const declined = before
    ? undefined
    : list.versions.find((one) => isDeclined(one, list.inForce) && isSame(one, bringing));
  if (declined !== undefined) {
    await discardMine();
    return answered({ status: 'declined', version: declined.number, sha256, changes: null, waitsFor: null });
  }
  const proposed = before ? { kind: 'proposed' as const, versionId: before.id } : await propose(bringing);
  if (proposed.kind === 'same') {
    await discardMine();
    return unchanged(proposed.number, sha256, { ...NO_CHANGES, unchanged: proposed.rowCount });
  }
  if (proposed.kind !== 'proposed') return proposed;
  const { versionId } = proposed;
  await discardMine(versionId);

  const difference = await versions.versionDifference(parts, actor, { connectorId, versionId });
  if (difference.kind === 'not_found') return 'again';
  if (difference.stale || (difference.base !== null && changesNothing(difference))) {
    await versions.discardProposal(parts, actor, { connectorId, versionId });
    return difference.stale || difference.base === null
      ? 'again'
      : unchanged(difference.base.number, sha256, changesOf(difference));
  }
  return apply(bringing, versionId, difference, wentBackFrom(list.versions, bringing));
}

function propose({ parts, versions, actor, file }: Bringing): Promise<ProposeResult | Same> {
  const { connectorId, fileName, bytes, mode, portalRows } = file;
  // An erroneous row is a person's decision, which a program cannot make.
  const choice = { leaveOut: 0, origin: 'api' } as const;
  return versions.proposeUnlessSame(parts, actor, { connectorId, fileName, bytes, mode, portalRows, ...choice });
}

async function apply(
  { parts, versions, actor, file, sha256 }: Bringing,
  versionId: string,
  difference: VersionDifference,
  wentBack: boolean,
): Promise<BringResult | 'again'> {
  const { connectorId, reason } = file;
  const base = difference.base?.id ?? null;
  const input = { connectorId, versionId, base, reason, shiftedConfirmation: null };
  const about = { version: difference.version.number, sha256, changes: changesOf(difference) };
  const waits = async (waitsFor: NonNullable<MappingAnswer['waitsFor']>): Promise<BringResult | 'again'> =>
    (await versions.waitForPerson(parts, actor, { connectorId, versionId })) === 'not_found'
      ? 'again'
      : answered({ ...about, status: 'waiting', waitsFor });
  // Somebody put these right by hand. A file that still has them wrong would have them misfiled again.
  if (difference.overruled.count > 0) return waits('overrules_portal');
  if (wentBack) return waits('went_back');
  const applied = await versions.applyVersion(parts, actor, { ...input, confirmation: null });
  switch (applied.kind) {
    case 'applied':
      return answered({ ...about, status: 'applied', waitsFor: null });
    case 'needs_confirmation':
      return waits('confirmation');
    case 'rows_look_shifted':
      return waits('rows_look_shifted');
    // A person asks for it, and another gives it.
    case 'needs_approval':
      return waits('approval');
    // Somebody else was quicker, with another version or with this one.
    case 'changed_meanwhile':
    case 'not_found':
      await versions.discardProposal(parts, actor, { connectorId, versionId });
      return 'again';
    case 'bad_reason':
    case 'nothing_on':
      throw new RangeError(`a file that was checked is refused: ${applied.kind}`);
  }
}

/** Whether a version came from this file, asked in the same way. One from which rows were left out did not. */
function isSame(version: VersionSummary, { file, sha256 }: Bringing): boolean {
  const { fileSha256, mode, portalRows, leftOutCount } = version;
  const sameRows = portalRows === null || portalRows === file.portalRows;
  return fileSha256 === sha256 && mode === file.mode && sameRows && leftOutCount === 0;
}

/**
 * Whether a person ended this program's version, and nothing came into force since: it is not asked again every night. One
 * that a person put another in the place of (`proposeAgain`) was made on what was in force before.
 */
function isDeclined(version: VersionSummary, inForce: VersionSummary | null): boolean {
  const { status, origin, mode, createdByMe, createdBy, discardedBy, basedOn } = version;
  const byPerson = status === 'discarded' && discardedBy !== createdBy;
  return byPerson && origin === 'api' && mode !== 'restore' && createdByMe && basedOn === (inForce?.number ?? null);
}

/**
 * Whether a person went back to a version before the one that this file became, and nobody has put the file in force since:
 * what was undone does not come back by itself in the next night. `portalRows` may be said by now, and was not then.
 */
function wentBackFrom(versions: readonly VersionSummary[], { file, sha256 }: Bringing): boolean {
  const wasInForce = ({ status }: VersionSummary) => status === 'superseded' || status === 'in_force';
  const became = versions.find((one) => wasInForce(one) && one.fileSha256 === sha256 && one.mode === file.mode);
  if (became === undefined) return false;
  return versions.some((one) => {
    const { mode, number, basedOn } = one;
    return wasInForce(one) && mode === 'restore' && number > became.number && (basedOn ?? 0) < became.number;
  });
}

function changesNothing({ counts: { added, changed, removed } }: VersionDifference): boolean {
  return added + changed + removed === 0;
}

function changesOf({ counts, effect }: VersionDifference): MappingAnswer['changes'] {
  const { added, changed, removed, unchanged: same } = counts;
  return { added, changed, removed, unchanged: same, waitingReleased: effect.waitingReleased };
}

const NO_CHANGES = { added: 0, changed: 0, removed: 0, unchanged: 0, waitingReleased: 0 } as const;

/** @param changes null: the file itself was in force already */
function unchanged(version: number, sha256: string, changes: MappingAnswer['changes']): BringResult {
  return answered({ status: 'unchanged', version, sha256, changes, waitsFor: null });
}

function answered(answer: MappingAnswer): BringResult {
  return { kind: 'answer', answer };
}
