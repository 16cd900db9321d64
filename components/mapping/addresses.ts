/** Addresses of the pages of a connector's mapping: every state of theirs is in one. Pure. */
import type { DifferenceKind } from '#lib/connectors/mapping/use-cases.ts';

/** Kinds of rows, in the order of the tiles. */
export const DIFFERENCE_KINDS = [
  'changed',
  'removed',
  'added',
  'unchanged',
  'disagreeing',
  'newly_disagreeing',
  'other_connector',
] as const satisfies readonly DifferenceKind[];

export type MappingMode = 'replace' | 'add';

export const mappingAddress = (connectorId: string): string => `/connectors/${connectorId}/mapping`;
export const uploadAddress = (connectorId: string, mode: MappingMode = 'replace'): string =>
  `${mappingAddress(connectorId)}/upload${mode === 'replace' ? '' : '?mode=add'}`;

/** What of a difference is looked at. */
export interface DifferenceView {
  /** id of the version that it is compared with; `none`; null: what is in force */
  readonly against: string | null;
  /** null: the first kind that has rows */
  readonly kind: DifferenceKind | null;
  /** the place behind which rows begin, as `differenceRows` gave it; null: the first */
  readonly after: string | null;
}

export const FIRST_VIEW: DifferenceView = { against: null, kind: null, after: null };

export function versionAddress(connectorId: string, versionId: string, view: DifferenceView = FIRST_VIEW): string {
  const query = new URLSearchParams({
    ...(view.against === null ? {} : { against: view.against }),
    ...(view.kind === null ? {} : { kind: view.kind }),
    ...(view.after === null ? {} : { after: view.after }),
  }).toString();
  return `${mappingAddress(connectorId)}/${versionId}${query === '' ? '' : `?${query}`}`;
}

/** What an address asks for; what it does not say, or says wrongly, is as in `FIRST_VIEW`. */
export function differenceView(
  query: Readonly<Record<string, string | readonly string[] | undefined>>,
): DifferenceView {
  return {
    against: typeof query.against === 'string' && AGAINST.test(query.against) ? query.against : null,
    kind: DIFFERENCE_KINDS.find((one) => one === query.kind) ?? null,
    after: typeof query.after === 'string' && PLACE.test(query.after) ? query.after : null,
  };
}

const AGAINST = /^(none|[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12})$/i;
const PLACE = /^sealed\.[\w-]{1,500}$/;
