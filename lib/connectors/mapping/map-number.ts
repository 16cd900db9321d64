/** Mapping one number in the portal: a version with one row more, in force at once. */
import type { AddressProblem } from '../../mapping/mailbox-address.ts';
import type { NumberProblem } from '../../mapping/number.ts';
import type { Actor } from '../../security/actor.ts';
import type { MappingParts } from './parts.ts';

export interface MapNumberInput {
  readonly connectorId: string;
  /** as somebody wrote it; national numbers are read in the connector's region */
  readonly number: string;
  readonly mailbox: string;
  /** messages since then; null: all. Left out: all, where the number is not mapped to others at other times */
  readonly from?: Date | null;
  /** 3 to 1,000 characters */
  readonly reason: string;
}

export type MapNumberResult =
  | { readonly kind: 'applied'; readonly versionId: string; readonly number: number }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'bad_number'; readonly problem: NumberProblem; readonly readings: readonly string[] }
  | { readonly kind: 'bad_mailbox'; readonly problem: AddressProblem | 'other_domain' }
  | { readonly kind: 'bad_reason' }
  /** the number has mailboxes for limited times: say since when */
  | { readonly kind: 'asks_from' }
  | { readonly kind: 'not_found' };

/** Needs `mapping.manage`. @throws NotAllowed */
export async function mapNumber(_parts: MappingParts, _actor: Actor, _input: MapNumberInput): Promise<MapNumberResult> {
  throw new Error('not built yet');
}
