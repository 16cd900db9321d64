/** What one check of an installation came to. */

/**
 * `well`; `beware`: it works, and somebody should know; `wrong`: nothing will be imported, or not safely, until it is mended;
 * `not_checked`: it could not be, or was not asked for
 */
export type Result = 'well' | 'beware' | 'wrong' | 'not_checked';

export interface Finding {
  /** what was checked, in a few words */
  readonly about: string;
  readonly result: Result;
  /** what was found, a sentence without a secret */
  readonly found: string;
  /** what somebody should do; there where the result is not `well` */
  readonly toDo?: string;
  /** a question that only a real tenant answers, and that this finding answers */
  readonly settles?: string;
}

/** Findings as they are made. Never fails for what it finds: that is a finding. */
export type Examination = AsyncIterable<Finding>;

/** An error's code or name, which hold no secret as its message may (addresses with passwords, signed URLs). */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  return 'code' in error && typeof error.code === 'string' && error.code !== '' ? error.code : error.name;
}
