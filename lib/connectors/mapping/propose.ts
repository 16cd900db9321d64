/** Upload new version: a file becomes a proposed version of a live connector. The mapping in force is not touched. */
import type { FileRefusal, RowError } from '../../mapping/mapping-file.ts';
import type { Actor } from '../../security/actor.ts';
import type { MappingParts } from './parts.ts';

export interface ProposeInput {
  readonly connectorId: string;
  readonly fileName: string;
  readonly bytes: Uint8Array;
  /** `add`: beside what is in force; for the time that a row of the file speaks of, the file decides */
  readonly mode: 'replace' | 'add';
  /** the explicit choice to go on without the rows that have errors; recorded */
  readonly leaveOutErrors: boolean;
  /** what becomes of rows that were added in the portal and whose number the file does not have; null: ask */
  readonly portalRows: 'keep' | 'remove' | null;
}

export type ProposeResult =
  | { readonly kind: 'proposed'; readonly versionId: string; readonly number: number }
  /** nothing was stored: rows have errors, and nobody chose to leave them out */
  | {
      readonly kind: 'erroneous';
      readonly rowCount: number;
      readonly erroneousRowCount: number;
      /** at most 100 */
      readonly firstErrors: readonly RowError[];
    }
  | { readonly kind: 'refused'; readonly refusal: FileRefusal }
  /** nothing was stored: upload again with the answer */
  | { readonly kind: 'asks_portal_rows'; readonly count: number }
  /** also the answer for another organization's connector */
  | { readonly kind: 'not_found' };

/** @throws NotAllowed */
export async function proposeVersion(
  _parts: MappingParts,
  _actor: Actor,
  _input: ProposeInput,
): Promise<ProposeResult> {
  throw new Error('not built yet');
}
