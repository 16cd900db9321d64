/** Which ranges to fetch for a list of frames: neighbours come in one request, and no request grows without bound. */
import type { Place } from './frames.ts';

export interface StagedPlace extends Place {
  readonly blob: string;
}

export interface Read<T> extends StagedPlace {
  /** what lies inside, each at `offset - read.offset` */
  readonly wanted: readonly T[];
}

/** A gap that costs less to read over than another round trip. */
const GAP_BYTES = 64 * 1024;
/** Bounds memory, unless a single frame is larger. */
const READ_BYTES = 8 * 1024 * 1024;

/** Joins neighbours in the order given: sorted by blob and offset, a shard's frames take one read a page. */
export function* planReads<T extends StagedPlace>(places: Iterable<T>): Generator<Read<T>> {
  let wanted: T[] = [];
  let blob = '';
  let start = 0;
  let end = 0;
  for (const place of places) {
    const placeEnd = place.offset + place.length;
    const joins =
      wanted.length > 0 &&
      place.blob === blob &&
      place.offset >= start &&
      place.offset - end <= GAP_BYTES &&
      Math.max(end, placeEnd) - start <= READ_BYTES;
    if (joins) {
      wanted.push(place);
      end = Math.max(end, placeEnd);
      continue;
    }
    if (wanted.length > 0) yield { blob, offset: start, length: end - start, wanted };
    wanted = [place];
    blob = place.blob;
    start = place.offset;
    end = placeEnd;
  }
  if (wanted.length > 0) yield { blob, offset: start, length: end - start, wanted };
}
