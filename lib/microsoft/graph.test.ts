import { describe, expect, test } from 'vitest';
import type { AppTokens } from './app-token.ts';
import { microsoftHosts } from './clouds.ts';
import { batchJson, createGraph, type Graph } from './graph.ts';
import { errorOfPause, GraphError } from './graph-errors.ts';
import { NoAnswer, NotSent, type Transport, type WireAnswer, type WireRequest } from './transport.ts';

type Exchange = WireRequest & { readonly url: string };

/** Graph over a wire that answers as told and writes down what was sent. */
function over(answers: readonly (WireAnswer | Error)[]): {
  readonly graph: Graph;
  readonly sent: Exchange[];
  readonly asked: boolean[];
} {
  const sent: Exchange[] = [];
  const asked: boolean[] = [];
  const transport: Transport = async (url, wire) => {
    sent.push({ url, ...wire });
    const answer = answers[sent.length - 1] ?? new Error('nothing more was expected');
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const tokens: AppTokens = {
    clientId: 'client',
    token: async (_, { fresh = false } = {}) => {
      asked.push(fresh);
      return {
        accessToken: asked.includes(true) ? 'fresh-token' : 'cached-token',
        roles: [],
        tenantId: null,
        objectId: null,
      };
    },
  };
  return { graph: createGraph({ hosts: microsoftHosts('public'), tokens, tenantId: 't', transport }), sent, asked };
}

const answer = (status: number, body: unknown, headers: Record<string, string> = {}): WireAnswer => ({
  status,
  headers,
  text: JSON.stringify(body),
});
const POST = { method: 'POST', url: '/users/u/messages', body: { subject: 'x' } } as const;

async function failure(promise: Promise<unknown>): Promise<GraphError> {
  const error: unknown = await promise.catch((thrown: unknown) => thrown);
  if (error instanceof GraphError) return error;
  throw new Error(`expected a GraphError, got ${String(error)}`);
}

describe('request', () => {
  test('goes to the cloud’s Graph with token, immutable ids and a request id; the query stays as it was encoded', async () => {
    const { graph, sent } = over([answer(200, { value: [] })]);
    const url = `/users?$filter=${encodeURIComponent("mail eq 'a+b&c#d@company.com'")}&$top=1`;
    expect(await graph.request({ method: 'GET', url })).toMatchObject({ status: 200, body: { value: [] } });
    expect(sent[0]?.url).toBe(`https://graph.microsoft.com/v1.0${url}`);
    expect(sent[0]?.headers).toMatchObject({
      authorization: 'Bearer cached-token',
      prefer: 'IdType="ImmutableId"',
      'client-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  test.each([429, 500, 502, 503, 504])('a write that answers %i is sent once', async (status) => {
    const { graph, sent } = over([answer(status, {}, { 'retry-after': '0' })]);
    await failure(graph.request(POST));
    expect(sent).toHaveLength(1);
  });

  test('after a 401 it asks for a fresh token and sends again, once', async () => {
    const { graph, sent } = over([answer(401, {}), answer(201, { id: 'm' })]);
    expect(await graph.request(POST)).toMatchObject({ status: 201 });
    expect(sent.map(({ headers }) => headers.authorization)).toEqual(['Bearer cached-token', 'Bearer fresh-token']);

    const stubborn = over([answer(401, {}), answer(401, {})]);
    expect(await failure(stubborn.graph.request(POST))).toMatchObject({ failure: 'token_refused', inDoubt: false });
    expect(stubborn.sent).toHaveLength(2);
  });

  test('before it leaves it asks whether it still may, after every wait for a token', async () => {
    const { graph, sent, asked } = over([answer(401, {}), answer(201, { id: 'm' })]);
    const waited: number[] = [];
    await graph.request(POST, { beforeSending: () => waited.push(asked.length) });
    expect(sent).toHaveLength(2);
    expect(waited.map((before) => before > 0)).toEqual([true, true]);
    expect(waited[1]).toBeGreaterThan(waited[0] ?? 0);

    const paused = over([]);
    const error = errorOfPause(7);
    const beforeSending = (): never => {
      throw error;
    };
    expect(await failure(paused.graph.request(POST, { beforeSending }))).toBe(error);
    const range = { bytes: new Uint8Array(1), from: 0, total: 1 };
    expect(await failure(paused.graph.upload('https://upload.example/1', range, { beforeSending }))).toBe(error);
    expect(paused.sent).toEqual([]);
  });

  test('a connection that was never made leaves no doubt, a lost answer does', async () => {
    expect(await failure(over([new NotSent('refused')]).graph.request(POST))).toMatchObject({
      failure: 'unreachable',
      inDoubt: false,
    });
    expect(await failure(over([new NoAnswer('timed out')]).graph.request(POST))).toMatchObject({
      failure: 'unreachable',
      inDoubt: true,
    });
    expect(
      await failure(over([new NoAnswer('timed out')]).graph.request({ method: 'GET', url: '/users' })),
    ).toMatchObject({ inDoubt: false });
  });

  test('a serialized body goes out unchanged', async () => {
    const { graph, sent } = over([answer(201, {})]);
    await graph.request({ method: 'POST', url: '/users/u/messages', json: '{"a" :  1}' });
    expect(sent[0]).toMatchObject({ body: '{"a" :  1}', headers: { 'content-type': 'application/json' } });
  });

  test('204 has no body', async () => {
    const { graph } = over([{ status: 204, headers: {}, text: '' }]);
    expect(await graph.request({ method: 'DELETE', url: '/users/u/messages/m' })).toMatchObject({
      status: 204,
      body: undefined,
    });
  });
});

describe('batch', () => {
  const two = [
    { id: '1', ...POST },
    { id: '2', method: 'GET', url: '/users/u' },
  ] as const;

  test('carries the headers of every call, and content types where there is a body', () => {
    expect(JSON.parse(batchJson([{ ...two[0], json: '{"b":2}' }, two[1]]))).toEqual({
      requests: [
        {
          id: '1',
          method: 'POST',
          url: '/users/u/messages',
          headers: { prefer: 'IdType="ImmutableId"', 'content-type': 'application/json' },
          body: { b: 2 },
        },
        { id: '2', method: 'GET', url: '/users/u', headers: { prefer: 'IdType="ImmutableId"' } },
      ],
    });
  });

  test('answers come in the order of the requests, each raw, header names in lower case', async () => {
    const { graph } = over([
      answer(200, {
        responses: [
          { id: '2', status: 200, body: { id: 'u' } },
          { id: '1', status: 429, headers: { 'Retry-After': '7' }, body: {} },
        ],
      }),
    ]);
    expect(await graph.batch(two)).toEqual([
      { id: '1', status: 429, headers: { 'retry-after': '7' }, body: {} },
      { id: '2', status: 200, headers: {}, body: { id: 'u' } },
    ]);
  });

  test('an answer that lacks a request, or cannot be read, leaves a doubt where there was a write', async () => {
    const partly = answer(200, { responses: [{ id: '2', status: 200 }] });
    expect(await failure(over([partly]).graph.batch(two))).toMatchObject({ failure: 'bad_answer', inDoubt: true });
    expect(await failure(over([answer(200, 'x')]).graph.batch(two))).toMatchObject({
      failure: 'bad_answer',
      inDoubt: true,
    });
    expect(await failure(over([answer(200, {})]).graph.batch([two[1]]))).toMatchObject({ inDoubt: false });
  });

  test('a lost batch of reads leaves no doubt', async () => {
    expect(await failure(over([new NoAnswer('x')]).graph.batch([two[1]]))).toMatchObject({ inDoubt: false });
    expect(await failure(over([new NoAnswer('x')]).graph.batch(two))).toMatchObject({ inDoubt: true });
  });

  test('more than 20 are refused before anything is sent', async () => {
    const { graph, sent } = over([]);
    await expect(
      graph.batch(Array.from({ length: 21 }, (_, index) => ({ id: String(index), method: 'GET', url: '/' }))),
    ).rejects.toThrow(RangeError);
    expect(sent).toEqual([]);
  });
});

test('an upload carries its range and no token', async () => {
  const { graph, sent } = over([answer(200, { nextExpectedRanges: ['5-'] })]);
  await graph.upload('https://graph.microsoft.com/upload/1', { bytes: new Uint8Array(5), from: 0, total: 10 });
  expect(sent[0]?.headers).toEqual({ 'content-type': 'application/octet-stream', 'content-range': 'bytes 0-4/10' });
});
