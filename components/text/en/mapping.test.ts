import { expect, it } from 'vitest';
import type { VersionSummary } from '#lib/connectors/mapping/version-summary.ts';
import { effectSentence, madeOf, meanwhileSentence } from './mapping.ts';

it('what applying does, in the number that it is about', () => {
  expect(effectSentence({ waitingReleased: 37, archivedLast30Days: 1412 })).toBe(
    '37 waiting items will be imported. 1,412 copies archived in the last 30 days stay in the old mailboxes.',
  );
  expect(effectSentence({ waitingReleased: 1, archivedLast30Days: 1 })).toBe(
    '1 waiting item will be imported. 1 copy archived in the last 30 days stays in the old mailbox.',
  );
  expect(effectSentence({ waitingReleased: 0, archivedLast30Days: 0 })).toBe(
    'It releases no waiting item. Nothing archived in the last 30 days lies in another mailbox.',
  );
});

it('who was quicker', () => {
  expect(meanwhileSentence({ by: 'Lena', number: 12 })).toContain('Lena applied version 12 meanwhile.');
  expect(meanwhileSentence({ by: null, number: 12 })).toContain('Somebody applied version 12 meanwhile.');
  expect(meanwhileSentence({ by: null, number: null })).toContain('taken out of force');
});

it('what a version is made of: an administrator sees what was left out, kept and removed', () => {
  const made = (more: Partial<VersionSummary>) =>
    madeOf({ mode: 'replace', basedOn: 3, leftOutCount: 0, portalRows: null, ...more } as VersionSummary);
  expect(made({})).toBe('In place of the whole mapping.');
  expect(made({ mode: 'add', leftOutCount: 5 })).toBe('Added to version 3. 5 rows with errors were left out.');
  expect(made({ mode: 'add', basedOn: null, leftOutCount: 1 })).toBe(
    'Added to nothing. 1 row with errors was left out.',
  );
  expect(made({ portalRows: 'remove' })).toBe('In place of the whole mapping. Rows added in the portal were removed.');
  expect(made({ mode: 'restore', portalRows: 'keep' })).toBe(
    'The rows of version 3. Rows added in the portal were kept.',
  );
});
