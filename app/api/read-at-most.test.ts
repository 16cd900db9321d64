import { expect, test } from 'vitest';
import { BrokenOff, readAtMost } from './read-at-most.ts';

/** A body of four pieces of a kilobyte, and how many of them were taken. */
function upload(headers: Readonly<Record<string, string>> = {}) {
  let taken = 0;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (taken === 4) return controller.close();
        taken += 1;
        controller.enqueue(new Uint8Array(1024).fill(taken));
      },
      cancel() {
        cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  const init: RequestInit & { readonly duplex: 'half' } = { method: 'POST', body, headers, duplex: 'half' };
  return { request: new Request('https://portal.example/api/mapping', init), seen: () => ({ taken, cancelled }) };
}

test('gives the body as it is, up to the limit itself', async () => {
  const { request } = upload();
  const bytes = await readAtMost(request, 4096);
  expect(bytes?.byteLength).toBe(4096);
  expect([bytes?.[0], bytes?.[1024], bytes?.[4095]]).toEqual([1, 2, 4]);
  expect((await readAtMost(new Request('https://portal.example/', { method: 'POST' }), 10))?.byteLength).toBe(0);
});

test('reads no further than the limit', async () => {
  const { request, seen } = upload();
  expect(await readAtMost(request, 1500)).toBeNull();
  expect(seen()).toEqual({ taken: 2, cancelled: true });
});

test('reads nothing of what says that it is too long', async () => {
  const { request, seen } = upload({ 'content-length': '4096' });
  expect(await readAtMost(request, 4095)).toBeNull();
  expect(seen()).toEqual({ taken: 0, cancelled: true });
});

test('does not believe a length that is too short', async () => {
  const { request } = upload({ 'content-length': '10' });
  expect(await readAtMost(request, 1500)).toBeNull();
});

test('gives up a body of which nothing more comes', async () => {
  const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new Uint8Array(1024)) });
  const init: RequestInit & { readonly duplex: 'half' } = { method: 'POST', body, duplex: 'half' };
  const reading = readAtMost(new Request('https://portal.example/api/mapping', init), 1_000_000, 20);
  await expect(reading).rejects.toMatchObject({ name: 'BrokenOff', received: 1024 });
});

test('says how much there was of an upload that breaks off', async () => {
  let pieces = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      pieces += 1;
      if (pieces > 3) controller.error(new Error('aborted'));
      else controller.enqueue(new Uint8Array(1024));
    },
  });
  const init: RequestInit & { readonly duplex: 'half' } = { method: 'POST', body, duplex: 'half' };
  const reading = readAtMost(new Request('https://portal.example/api/mapping', init), 1_000_000);
  await expect(reading).rejects.toThrow(BrokenOff);
  await expect(reading).rejects.toMatchObject({ received: 3072 });
});
