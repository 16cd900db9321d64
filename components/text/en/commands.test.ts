import { expect, it } from 'vitest';
import { commands } from './commands.ts';

it.each([
  [{ sent: 1, skipped: 0, readAgain: 0 }, '1 copy on its way.'],
  [
    { sent: 2, skipped: 1, readAgain: 0 },
    "2 copies on their way. 1 copy not sent: another phone's copy has the place.",
  ],
  [
    { sent: 2, skipped: 0, readAgain: 3 },
    '2 copies on their way. 3 windows read from TeleMessage again, for what the storage lost.',
  ],
])('says what came of a retry: %j', (retried, sentence) => {
  expect(commands.retry.done(retried)).toBe(sentence);
});
