/** The versions of a connector's mapping: listed, read, brought back. */
import type { Actor } from '../../security/actor.ts';
import type { MappingParts } from './parts.ts';
import type { VersionSummary } from './version-summary.ts';

export interface VersionList {
  readonly inForce: VersionSummary | null;
  /** newest first */
  readonly versions: readonly VersionSummary[];
  /** `before` of the next page; null where this is the last */
  readonly next: number | null;
}

/** Needs `connectors.read`. @returns null for another organization's connector. @throws NotAllowed */
export async function listVersions(
  _parts: MappingParts,
  _actor: Actor,
  _input: {
    readonly connectorId: string;
    /** versions with a smaller number; null: from the newest on */
    readonly before: number | null;
    /** at most 200 */
    readonly limit: number;
  },
): Promise<VersionList | null> {
  throw new Error('not built yet');
}

/** One version. Needs `connectors.read`. @throws NotAllowed */
export async function findVersion(
  _parts: MappingParts,
  _actor: Actor,
  _input: { readonly connectorId: string; readonly versionId: string },
): Promise<VersionSummary | null> {
  throw new Error('not built yet');
}

/** Go back to a version: proposes a new one with its rows. Needs `mapping.manage`. @throws NotAllowed */
export async function restoreVersion(
  _parts: MappingParts,
  _actor: Actor,
  _input: { readonly connectorId: string; readonly versionId: string },
): Promise<
  | { readonly kind: 'proposed'; readonly versionId: string; readonly number: number }
  /** it is what is in force */
  | { readonly kind: 'in_force' }
  | { readonly kind: 'not_found' }
> {
  throw new Error('not built yet');
}
