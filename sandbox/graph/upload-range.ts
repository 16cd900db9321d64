/** `Content-Range` of an upload: the bytes that a PUT brings, held against those that are expected. */
import { GraphError } from './errors.ts';

export interface ContentRange {
  readonly start: number;
  /** the last byte, inclusive */
  readonly end: number;
}

/**
 * The range of a PUT, where it is the next one. Outlook's documentation says that bytes are sent in order; that it
 * answers 416 to a range that is out of order or was received before, as OneDrive's sessions do, is assumed.
 * @throws {GraphError} 400 for a `Content-Range` that is missing, cannot be read or does not fit, 416 for one out of
 *   order
 */
export function checkedRange(
  header: string | undefined,
  expected: { readonly bytes: number; readonly next: number; readonly total: number },
): ContentRange {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(header ?? '');
  const [start, end, total] = [Number(match?.[1]), Number(match?.[2]), Number(match?.[3])];
  if (!match || end < start || end - start + 1 !== expected.bytes || total !== expected.total || end >= total) {
    throw new GraphError(
      400,
      'ErrorInvalidContentRange',
      'The Content-Range header is missing, malformed or does not fit the content.',
    );
  }
  if (start !== expected.next) {
    throw new GraphError(
      416,
      'ErrorInvalidRange',
      `The range is not the expected one, which begins at ${expected.next}.`,
    );
  }
  return { start, end };
}
