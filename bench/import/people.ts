/** Whose phones a benchmark's feed speaks for, and whose mailboxes it fills: the same by position in every process. */
import { createHash } from 'node:crypto';

export interface BenchPerson {
  /** Entra object id */
  readonly id: string;
  readonly mobile: string;
  readonly email: string;
  readonly name: string;
}

export function person(at: number): BenchPerson {
  const hex = createHash('sha256').update(`bench:${at}`).digest('hex');
  const number = String(at).padStart(4, '0');
  return {
    id: `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`,
    mobile: `+1415201${number}`,
    email: `bench.${number}@alderbyrne.example`,
    name: `Bench Person ${number}`,
  };
}
