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
  {
    seed: 2477,
    breakage: 'a-shutdown-ends-the-deadline',
    found: 'a request that a shutdown gave up was still being worked on; it was looked for too early, and sent again',
  },
  {
    seed: 4384,
    breakage: 'any-404-is-the-message',
    found: 'a 404 without a word of Graph was taken for a removed message, and its attachments were given up',
  },
  {
    seed: 6679,
    breakage: 'clear-while-copies-are-on-their-way',
    found: 'an import was cleared between a release and the arrival of its copies, and never after that',
  },
];
