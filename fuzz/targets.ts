/** Every parser of what comes from outside, and one way to run it. */
import fc from 'fast-check';
import { addresses } from './addresses.ts';
import { consent } from './consent.ts';
import { feed } from './feed.ts';
import { mappingFile } from './mapping-file.ts';
import { odata } from './odata.ts';
import type { Target } from './target.ts';

export interface Fuzz {
  readonly name: string;
  /**
   * @param tell called with the number of each case before it is fed
   * @throws what fast-check says of the smallest input that breaks the rule, with seed and path
   */
  run(seed: number, cases: number, tell?: (number: number) => void): Promise<void>;
}

function fuzzOf<T>({ name, input, feed: one }: Target<T>): Fuzz {
  return {
    name,
    run: async (seed, cases, tell = () => {}) => {
      let number = 0;
      const property = fc.asyncProperty(input, async (given) => {
        tell(++number);
        await one(given);
      });
      await fc.assert(property, { seed, numRuns: cases });
    },
  };
}

export const FUZZES: readonly Fuzz[] = [
  fuzzOf(feed),
  fuzzOf(mappingFile),
  fuzzOf(odata),
  fuzzOf(addresses),
  fuzzOf(consent),
];
