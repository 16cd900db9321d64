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

export const keptSeeds: readonly KeptSeed[] = [
  {
    seed: 1138,
    breakage: 'take-what-is-in-hand',
    found: 'one worker took a copy twice under one lease, wrote the older result over the newer, and sent it again',
  },
  {
    seed: 394,
    breakage: 'a-refused-token-fails-messages',
    found: 'copies failed for good because a token was refused while their folder was looked for',
  },
  {
    seed: 132,
    breakage: 'forget-the-content-of-a-repeat',
    found: 'an item that was a repeat waited by its own row, whose page had been cleared',
  },
];
