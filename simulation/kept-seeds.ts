/**
 * Seeds that once found something, and what. They are simulated in every run of the tests. A seed means what the simulated
 * world and the product make of it, so each change of either turns it into another import: that what was mended is still
 * found where it is undone, `npm run test:full` asks of as many seeds as that takes (`npm run simulate -- --break <name>`).
 */
export interface KeptSeed {
  readonly seed: number;
  readonly breakage: string;
  readonly found: string;
}

export const keptSeeds: readonly KeptSeed[] = [
  {
    seed: 328,
    breakage: 'a-message-twice-is-silent',
    found: "a copy that was skipped for the other phone's meanwhile lay in the mailbox, and nobody was told",
  },
  {
    seed: 12,
    breakage: 'a-refused-token-fails-messages',
    found: 'copies failed for good because a token was refused while their folder was looked for',
  },
  {
    seed: 87,
    breakage: 'forget-the-content-of-a-repeat',
    found: 'an item that was a repeat waited by its own row, whose page had been cleared',
  },
  {
    seed: 365,
    breakage: 'a-pause-ends-with-its-run',
    found: 'the next run asked a mailbox that had asked the run before to wait',
  },
  {
    seed: 9,
    breakage: 'look-ups-do-not-wait',
    found: 'a mailbox that had asked for a pause was looked into at once',
  },
  {
    seed: 84,
    breakage: 'an-unreadable-list-ends-the-sweep',
    found: 'one answer that could not be read ended the sweep of all mailboxes',
  },
  {
    seed: 206,
    breakage: 'what-is-delivered-misses-its-content',
    found: 'who had slept called content missing that was cleared after its delivery',
  },
  {
    seed: 244,
    breakage: 'two-clearings-make-a-failure',
    found: 'a job failed where two workers cleared one import',
  },
];
