import { afterEach, expect, test, vi } from 'vitest';
import { keepsTheSourceContract } from '../archive/source-contract.fixture.ts';
import { attach, people, type ScriptedSource, scriptedSource, sms } from './scripted-source.fixture.ts';

afterEach(() => vi.useRealTimers());

// Suites list what arrived hours ago; near midnight that would lie in the day before, in a window of its own.
test.each(['2026-11-26T00:00:00Z', '2026-11-26T00:30:00Z', '2026-11-26T23:59:59Z'])(
  'what a scripted source has settled does not hang on the hour in which the tests run: %s',
  (now) => {
    vi.useFakeTimers({ now: new Date(now) });
    expect(scriptedSource().settledThrough).toEqual(new Date('2026-11-26T12:00:00Z'));
  },
);

const noon = new Date('2026-11-26T12:00:00Z');
keepsTheSourceContract(() => ({
  open: () => fourMessages(noon),
  range: async () => ({ from: new Date(noon.getTime() - 12 * 3_600_000), to: noon }),
}));

function fourMessages(settledThrough: Date): ScriptedSource {
  const source = scriptedSource(settledThrough);
  const [owner] = people;
  if (owner === undefined) throw new Error('nobody');
  for (const hours of [1, 2, 3, 4]) {
    const archivedAt = new Date(settledThrough.getTime() - hours * 3_600_000);
    source.listed.push(sms(owner, archivedAt, { id: `message-${hours}` }));
  }
  const attachments = [{ ...attach(source, 'a.txt', 'text/plain', Buffer.from('abcd')), id: 'attachment-1' }];
  source.attachments.set('attachment-1', Buffer.from('abcd'));
  source.listed.push(sms(owner, new Date(settledThrough.getTime() - 5 * 3_600_000), { id: 'message-5', attachments }));
  return source;
}
