import { expect, test } from 'vitest';
import type { AppTokens } from './app-token.ts';
import { microsoftHosts } from './clouds.ts';
import { createDownload } from './download.ts';
import type { CallOptions } from './graph.ts';
import { NoAnswer, NotSent, type Transport, type WireAnswer, type WireRequest } from './transport.ts';

type Exchange = WireRequest & { readonly url: string };
type Told = { readonly pieces: readonly string[] } | { readonly refused: number; readonly code: string } | Error;

/** Graph over a wire that answers as told: with a body in pieces, a refusal, or not at all. */
function over(...told: readonly Told[]) {
  const sent: Exchange[] = [];
  const transport: Transport = async (url, wire): Promise<WireAnswer> => {
    sent.push({ url, ...wire });
    const answer = told[sent.length - 1] ?? new Error('nothing more was expected');
    if (answer instanceof Error) throw answer;
    if ('refused' in answer) {
      return {
        status: answer.refused,
        headers: {},
        text: JSON.stringify({ error: { code: answer.code, message: '' } }),
      };
    }
    for (const piece of answer.pieces) wire.sink?.(Buffer.from(piece));
    return { status: 200, headers: {}, text: '' };
  };
  const tokens: AppTokens = {
    clientId: 'client',
    token: async (_, { fresh = false } = {}) => ({
      accessToken: fresh ? 'fresh' : 'cached',
      roles: [],
      tenantId: null,
      objectId: null,
    }),
  };
  const download = createDownload({ hosts: microsoftHosts('public'), tokens, tenantId: 't', transport });
  const taken: string[] = [];
  return {
    sent,
    taken,
    run: (options?: CallOptions) =>
      download('/users/u/x?$top=1', (piece) => taken.push(Buffer.from(piece).toString()), options),
  };
}

test('hands on what comes, asked for with token and immutable ids', async () => {
  const { sent, taken, run } = over({ pieces: ['one ', 'two'] });
  await run();
  expect(taken).toEqual(['one ', 'two']);
  expect(sent[0]?.url).toBe('https://graph.microsoft.com/v1.0/users/u/x?$top=1');
  expect(sent[0]?.headers).toMatchObject({ authorization: 'Bearer cached', prefer: 'IdType="ImmutableId"' });
});

test('asks once more with a new token, and not again', async () => {
  const refused = { refused: 401, code: 'InvalidAuthenticationToken' };
  const { sent, taken, run } = over(refused, { pieces: ['there'] });
  await run();
  expect([taken, sent[1]?.headers.authorization]).toEqual([['there'], 'Bearer fresh']);
  await expect(over(refused, refused).run()).rejects.toMatchObject({ failure: 'token_refused' });
});

test('asks before each request whether it may still be sent', async () => {
  const refused = { refused: 401, code: 'InvalidAuthenticationToken' };
  const { sent, run } = over(refused, { pieces: ['there'] });
  let asked = 0;
  const beforeSending = () => {
    asked += 1;
    if (asked === 2) throw new Error('the mailbox is left alone by now');
  };
  await expect(run({ beforeSending })).rejects.toThrow('left alone');
  expect(sent).toHaveLength(1);
});

test.each([
  [
    { refused: 404, code: 'ErrorItemNotFound' },
    { failure: 'item_not_found', status: 404, inDoubt: false },
  ],
  [
    { refused: 429, code: 'ApplicationThrottled' },
    { failure: 'throttled', status: 429 },
  ],
  [new NoAnswer('broken'), { failure: 'unreachable', status: null, inDoubt: false }],
  [new NotSent('unreachable'), { failure: 'unreachable', code: 'NotSent' }],
])('a failure is one of Graph (%o)', async (told, error) => {
  await expect(over(told).run()).rejects.toMatchObject({ name: 'GraphError', ...error });
});
