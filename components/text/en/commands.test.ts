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

it('says what a connector still owes, and on which page a correction is ended', () => {
  const nothing = { underWay: 0, held: 0, waiting: 0, failed: 0, unreadable: 0, partial: 0, missing: 0 };
  const owed = (more: Partial<Parameters<typeof commands.remove.owed>[0]>) =>
    commands.remove.owed({ ...nothing, corrections: 0, removing: 0, ...more });
  expect(owed({ failed: 1 })).toBe(
    "It can't be deleted yet: 1 copy failed. Import them, or have an Auditor sign them off.",
  );
  expect(owed({ held: 1200 })).toBe(
    "It can't be deleted yet: 1,200 copies are held back, because one user is imported first. " +
      'Choose “Import everybody” on the Summary tab, or have an Auditor sign them off under Not imported.',
  );
  expect(owed({ corrections: 1 })).toBe(
    "It can't be deleted yet: 1 correction is open. End it under User mapping, Correct misfiled messages.",
  );
  expect(owed({ waiting: 2, removing: 2 })).toBe(
    "It can't be deleted yet: 2 copies waiting for a mapping. Import them, or have an Auditor sign them off. " +
      '2 corrections remove messages from wrong mailboxes. Wait until they have ended; see User mapping, Correct misfiled messages.',
  );
});
