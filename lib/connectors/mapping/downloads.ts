/** What can be downloaded of a mapping, as CSV that no spreadsheet calculates and that can be uploaded again unchanged. */
import type { FileRefusal } from '../../mapping/mapping-file.ts';
import type { Actor } from '../../security/actor.ts';
import type { MappingParts } from './parts.ts';

export interface Download {
  readonly kind: 'file';
  readonly fileName: string;
  readonly body: ReadableStream<Uint8Array>;
}

/** A version. Needs `mapping.manage`: a file with masked numbers would be no mapping. @throws NotAllowed */
export async function versionCsv(
  _parts: MappingParts,
  _actor: Actor,
  _input: { readonly connectorId: string; readonly versionId: string },
): Promise<Download | { readonly kind: 'not_found' }> {
  throw new Error('not built yet');
}

/** All errors of a file, which is not stored. Needs `mapping.manage`. @throws NotAllowed */
export async function errorsCsv(
  _parts: MappingParts,
  _actor: Actor,
  _input: { readonly connectorId: string; readonly fileName: string; readonly bytes: Uint8Array },
): Promise<Download | { readonly kind: 'refused'; readonly refusal: FileRefusal } | { readonly kind: 'not_found' }> {
  throw new Error('not built yet');
}
