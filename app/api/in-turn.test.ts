import { expect, it } from 'vitest';
import { FileTurns } from '#lib/mapping/file-turns.ts';
import { inTurn } from './in-turn.ts';

const request = (signal?: AbortSignal) =>
  new Request('http://localhost/', { method: 'POST', body: 'x', ...(signal ? { signal } : {}) });
const turnsOf = () => new FileTurns({ atOnce: 1, mostWaiting: 0, longestMs: 1 });
const fine = async () => new Response('fine');

it('where others are read, nothing of the body is, and one is told when to come again', async () => {
  const turns = turnsOf();
  const first = await turns.take(new AbortController().signal);
  const waiting = request();
  const answer = await inTurn(waiting, turns, fine);
  expect([answer.status, await answer.json(), waiting.bodyUsed]).toEqual([503, { kind: 'busy' }, false]);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  first?.();
  expect((await inTurn(request(), turns, fine)).status).toBe(200);
});

it('a turn is over with its work, also with one that fails, but for who keeps it', async () => {
  const turns = turnsOf();
  await expect(inTurn(request(), turns, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  let release = () => {};
  await inTurn(request(), turns, async (turn) => {
    turn.keep();
    ({ release } = turn);
    return new Response();
  });
  expect((await inTurn(request(), turns, fine)).status).toBe(503);
  release();
  expect((await inTurn(request(), turns, fine)).status).toBe(200);
  expect((await inTurn(request(AbortSignal.abort()), turns, fine)).status).toBe(400);
});

it('who cancels while a file is read hears no answer, and is no fault of ours', async () => {
  const cancelling = new AbortController();
  const answer = await inTurn(request(cancelling.signal), turnsOf(), async () => {
    cancelling.abort();
    throw new Error('aborted');
  });
  expect(answer.status).toBe(400);
});
