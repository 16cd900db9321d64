import { expect, it } from 'vitest';
import { z } from 'zod';
import { readLines } from './read-lines.ts';

const bytes = new TextEncoder();
const streamOf = (...pieces: readonly Uint8Array<ArrayBuffer>[]) =>
  new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });

async function all(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<unknown[]> {
  const read: unknown[] = [];
  for await (const value of readLines(stream, z.object({ n: z.string() }))) read.push(value);
  return read;
}

it('puts lines together wherever they were cut, also within a letter', async () => {
  const whole = bytes.encode('{"n":"é"}\n\n{"n":"2"}\n');
  for (let cut = 0; cut <= whole.length; cut += 1) {
    expect(await all(streamOf(whole.slice(0, cut), whole.slice(cut)))).toEqual([{ n: 'é' }, { n: '2' }]);
  }
});

it('takes neither half a line nor another shape', async () => {
  await expect(all(streamOf(bytes.encode('{"n":"1"}\n{"n"')))).rejects.toThrow('in the middle of a line');
  await expect(all(streamOf(bytes.encode('{"n":1}\n')))).rejects.toThrow(z.ZodError);
});
