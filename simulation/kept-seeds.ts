/**
 * Seeds that once found something, and what. They are simulated in every run of the tests. A seed means what the simulated
 * world and the product make of it, so each change of either turns it into another import: that what was mended is still
 * found where it is undone, `npm run test:full` asks of as many seeds as that takes (`npm run simulate -- --break <name>`).
 */
export interface KeptSeed {
  readonly seed: number;
  /** that undoes the mending; null: it was the simulated world that was wrong */
  readonly breakage: string | null;
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
  {
    seed: 213,
    breakage: 'a-message-twice-is-silent',
    found: 'an alert of a message that is twice had no cause that the checks knew',
  },
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
  {
    seed: 791573635,
    breakage: 'a-conflict-that-breaks-off-fails-messages',
    found: 'copies failed for good because the answer that their folder exists by now broke off',
  },
  {
    seed: 5078,
    breakage: 'forget-the-content-behind-a-partial-copy',
    found: 'a copy that was skipped for one that was not whole waited with it, by a page that had been cleared',
  },
  {
    seed: 9484,
    breakage: 'ask-whatever-came-with-the-token',
    found: 'a mailbox was looked into three minutes early: it asked for a pause while the look waited for its token',
  },
  {
    seed: 723,
    breakage: 'a-shutdown-fails-the-reconciliation',
    found: 'an alert said that an import kept failing by a fault of ours: its worker had been asked to stop',
  },
  {
    seed: 1189,
    breakage: null,
    found: "a message came later than the allowance, after its copy had failed and its twin's copy had been sent",
  },
  {
    seed: 20385,
    breakage: null,
    found: 'the last process was killed in the moment in which the calm began, and none took its place',
  },
  {
    seed: 31384,
    breakage: null,
    found: 'a note of what a mailbox refused was missing, which that mailbox had no room for until it was made larger',
  },
];
