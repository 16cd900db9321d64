/**
 * Seeds that once found something, and what. They are simulated in every run of the tests, so that what was mended stays
 * so. A seed means what the simulated world makes of it: who changes the world finds them anew, by the breakages of the
 * same names (`npm run simulate -- --break <name>`), which undo what was mended.
 */
export interface KeptSeed {
  readonly seed: number;
  readonly breakage: string;
  readonly found: string;
}

export const keptSeeds: readonly KeptSeed[] = [];
