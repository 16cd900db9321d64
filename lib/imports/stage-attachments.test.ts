import { describe, expect, test } from 'vitest';
import { type ArchiveSource, type AttachmentStream, SourceError } from '../archive/source.ts';
import { parseKeyRing } from '../security/keyring.ts';
import { systemClock } from './clock.ts';
import type { ImportDeps } from './deps.ts';
import { type AttachmentToStage, stageAttachments } from './stage-attachments.ts';

const BYTES = Buffer.from('bytes');
const keyRing = parseKeyRing(
  `test:${Buffer.from(Array.from({ length: 32 }, (_, i) => (i * 37 + 11) % 251)).toString('base64')}`,
);
const wanted = (id: string, missedSeconds = 0): AttachmentToStage => ({
  ...{ organizationId: crypto.randomUUID(), importId: crypto.randomUUID(), position: 0, missedSeconds },
  attachment: { id, size: BYTES.length },
});

type Answer = (signal: AbortSignal | undefined) => Promise<AttachmentStream>;
const gives: Answer = async () => ({
  body: (async function* () {
    yield BYTES;
  })(),
  totalSize: BYTES.length,
  etag: null,
});
const hangs: Answer = (signal) =>
  new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
const refuses =
  (error: SourceError): Answer =>
  () =>
    new Promise((_resolve, reject) => setTimeout(() => reject(error), 20));

/** @param answers by attachment @param isThere whether the source answers anything else */
function scene(answers: Readonly<Record<string, Answer>>, isThere: boolean) {
  const asked: string[] = [];
  const staged = new Set<string>();
  const source = {
    attachment: (id: string, _offset: number, signal?: AbortSignal) => {
      asked.push(id);
      return (answers[id] ?? gives)(signal);
    },
    clock: async () => {
      if (!isThere) throw new SourceError('throttled', 'wait', 90);
    },
  } as unknown as ArchiveSource;
  const deps = {
    clock: systemClock,
    keyRing,
    ledger: {
      reserveIds: async (_of: string, count: number) => Array.from({ length: count }, (_, n) => String(n + 1)),
    },
    staging: {
      writeAttachment: async (name: string, body: AsyncIterable<Uint8Array>) => {
        for await (const _part of body);
        staged.add(name);
        return { size: BYTES.length, sha256: '00' };
      },
      delete: async (name: string) => staged.delete(name),
    },
  } as unknown as ImportDeps;
  const stage = (...all: readonly AttachmentToStage[]) =>
    stageAttachments(deps, source, all, new AbortController().signal);
  return { asked, staged, stage };
}

describe('an attachment that the source puts off', () => {
  const late = refuses(new SourceError('throttled', 'wait', 90));

  test('is missing for as long as it said, where it answers anything else; the others are staged', async () => {
    const { stage } = scene({ late }, true);
    const rows = await stage(wanted('late'), wanted('good'));
    expect(rows).toMatchObject([
      { state: 'missing', reason: 'attachment_throttled', askAgainSeconds: 90 },
      { state: 'staged', reason: null },
    ]);
  });

  test('is given up after a day', async () => {
    const { stage } = scene({ late }, true);
    expect(await stage(wanted('late', 86_400))).toMatchObject([{ state: 'given_up', reason: 'attachment_throttled' }]);
  });

  test('ends the others where the source puts everything off: none goes on, none is begun, none stays', async () => {
    const answers: Record<string, Answer> = { late, hanging: hangs };
    const { stage, asked, staged } = scene(answers, false);
    const others = Array.from({ length: 20 }, (_, n) => {
      const id = `hanging-${n}`;
      answers[id] = hangs;
      return wanted(id);
    });
    await expect(stage(wanted('good'), wanted('late'), ...others)).rejects.toMatchObject({ failure: 'throttled' });
    expect(asked).toHaveLength(7);
    expect([...staged]).toEqual([]);
  });
});
