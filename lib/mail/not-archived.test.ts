import { expect, test } from 'vitest';
import type { PlannedAttachment } from './attachments.ts';
import { notArchivedNote } from './not-archived.ts';

const planned = (name: string, size: number): PlannedAttachment => ({
  id: name,
  name,
  contentType: 'video/mp4',
  size,
  sha256: '',
  route: 'session',
  contentId: null,
  content: null,
});

test('names file, size and reason of what was refused, and nothing else', () => {
  const { name, content } = notArchivedNote(
    [planned('video.mp4', 41_943_040), planned('other.mp4', 5)],
    [{ name: 'video.mp4', reason: 'the mailbox does not accept a message of this size' }],
  );
  expect(name).toBe('not-archived.txt');
  const text = content.toString('utf8');
  expect(text).toContain(
    '- video.mp4 (video/mp4, 41943040 bytes): the mailbox does not accept a message of this size\r\n',
  );
  expect(text).not.toContain('other.mp4');
  expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
});

test('has a name of its own where somebody sent a file of that name', () => {
  expect(notArchivedNote([planned('Not-Archived.txt', 5)], []).name).toBe('not-archived (2).txt');
});
