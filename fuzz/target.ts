/**
 * A parser of what comes from outside, and how it is fed. The rule for all: whatever comes in, it answers, or throws one of
 * the errors that it names; and it does no more work than what it was given allows.
 */
import type { Arbitrary } from 'fast-check';

export interface Target<T> {
  readonly name: string;
  readonly input: Arbitrary<T>;
  /** feeds one input. @throws where the rule is broken */
  readonly feed: (input: T) => void | Promise<void>;
}

/** Something is not as it must be. */
export class BrokenRule extends Error {
  override name = 'BrokenRule';
}

export function must(holds: boolean, what: string): void {
  if (!holds) throw new BrokenRule(what);
}

/** Counts what a parser does, by steps or bytes and not by the clock: a machine that is busy breaks no rule. */
export function bounded(most: number, what: string): (steps?: number) => void {
  let done = 0;
  return (steps = 1) => {
    done += steps;
    must(done <= most, `${what}: more than ${most}`);
  };
}
