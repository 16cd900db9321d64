/** An upload session against a model of Graph that loses answers, takes less than it is given, and forgets. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Graph } from '../microsoft/graph.ts';
import { GraphError, type GraphFailure } from '../microsoft/graph-errors.ts';
import type { AttachmentToAdd } from './attach.ts';
import {
  type Upload,
  UploadInterruptedError,
  type UploadMemory,
  UploadSessionGoneError,
  uploadAttachment,
} from './upload-session.ts';

const PART = 12 * 320 * 1024;
const BYTES = randomBytes(3 * PART + 1000);

function refusal(status: number | null, failure: GraphFailure = 'bad_request'): GraphError {
  const details = { failure, status, code: 'Code', retryAfterSeconds: null, requestId: null, inDoubt: status === null };
  return new GraphError(details, 'refused');
}

type Trouble = { readonly at: number; readonly lose?: 'request' | 'answer'; readonly error?: GraphError };

/** Sessions by their address, in the order in which they were opened. */
function model() {
  const sessions: { received: Buffer; done: boolean }[] = [];
  const puts: number[] = [];
  const state = {
    sessions,
    puts,
    /** what befalls the n-th PUT, from 1 */
    trouble: null as Trouble | null,
    /** how many bytes of a part are taken */
    takes: PART,
    /** whether the last part is answered as Graph does */
    says201: true,
    memory: null as Upload | null,
    attachments: 0,
  };
  const graph = {
    async request() {
      sessions.push({ received: Buffer.alloc(0), done: false });
      return { status: 201, headers: {}, body: { uploadUrl: `https://upload/${sessions.length - 1}` } };
    },
    async upload(uploadUrl: string, { bytes, from, total }: { bytes: Uint8Array; from: number; total: number }) {
      puts.push(from);
      const trouble = state.trouble?.at === puts.length ? state.trouble : null;
      if (trouble?.error) throw trouble.error;
      if (trouble?.lose === 'request') throw refusal(null, 'unreachable');
      const session = sessions[Number(uploadUrl.split('/').at(-1))];
      if (!session || session.done) throw refusal(404, 'item_not_found');
      if (from !== session.received.length) throw refusal(416);
      session.received = Buffer.concat([session.received, bytes.subarray(0, state.takes)]);
      session.done = session.received.length === total;
      if (session.done) state.attachments += 1;
      if (trouble?.lose === 'answer') throw refusal(null, 'unreachable');
      if (session.done && state.says201) return { status: 201, headers: {}, body: undefined };
      const nextExpectedRanges = [String(session.received.length)];
      return { status: 200, headers: {}, body: { nextExpectedRanges } };
    },
  };
  const memory: UploadMemory = {
    recall: async () => state.memory,
    remember: async (uploadUrl) => {
      expect(puts.length === 0 || sessions.length > 1).toBe(true);
      state.memory = { uploadUrl, sent: 0 };
    },
    noteSent: async (sent) => {
      if (state.memory) state.memory = { ...state.memory, sent };
    },
    forget: async () => {
      state.memory = null;
    },
  };
  const attachment: AttachmentToAdd = {
    name: 'video.mp4',
    contentType: 'video/mp4',
    size: BYTES.length,
    // In pieces of another size than the parts.
    read: async function* (offset) {
      for (let at = offset; at < BYTES.length; at += 1_000_003)
        yield BYTES.subarray(at, Math.min(at + 1_000_003, BYTES.length));
    },
    memory,
  };
  const run = () =>
    uploadAttachment(graph as unknown as Graph, '/users/u/messages/m', attachment, memory, async () => ({}));
  const whole = (): boolean => sessions.some(({ received, done }) => done && received.equals(BYTES));
  return { state, run, whole };
}

test('sends part after part, and forgets the session with the last', async () => {
  const { state, run, whole } = model();
  await run();
  expect([whole(), state.puts, state.memory]).toEqual([true, [0, PART, 2 * PART, 3 * PART], null]);
});

describe('goes on', () => {
  test.each(['request', 'answer'] as const)('where the %s of any part was lost, in one session', async (lose) => {
    for (const at of [1, 2, 3]) {
      const { state, run, whole } = model();
      state.trouble = { at, lose };
      await expect(run()).rejects.toThrow(UploadInterruptedError);
      expect(state.memory).not.toBeNull();
      await run();
      expect([whole(), state.sessions.length, state.attachments]).toEqual([true, 1, 1]);
    }
  });

  test('where Graph says that it goes on, when it took less than it was given', async () => {
    const { state, run, whole } = model();
    state.takes = PART - 5;
    await run();
    expect([whole(), state.sessions.length]).toEqual([true, 1]);
  });
});

describe('does not begin another session by itself', () => {
  test('where the last answer was lost', async () => {
    const { state, run } = model();
    state.trouble = { at: 4, lose: 'answer' };
    await expect(run()).rejects.toThrow(UploadInterruptedError);
    await expect(run()).rejects.toThrow(UploadSessionGoneError);
    expect([state.sessions.length, state.attachments, state.memory]).toEqual([1, 1, null]);
  });

  test.each([401, 403, 404, 410])('where its address is answered with %i', async (status) => {
    const { state, run } = model();
    state.trouble = { at: 2, error: refusal(status, status === 401 ? 'token_refused' : 'forbidden') };
    await expect(run()).rejects.toThrow(UploadSessionGoneError);
    expect([state.sessions.length, state.memory]).toEqual([1, null]);
  });

  test('where every byte is there and Graph does not say that they became an attachment', async () => {
    const { state, run } = model();
    state.says201 = false;
    await expect(run()).rejects.toThrow(UploadSessionGoneError);
  });

  test('where it stands nowhere near what is remembered', async () => {
    const { state, run } = model();
    state.trouble = { at: 3, lose: 'request' };
    await expect(run()).rejects.toThrow(UploadInterruptedError);
    if (state.memory) state.memory = { ...state.memory, sent: 0 };
    await expect(run()).rejects.toThrow(UploadSessionGoneError);
    expect(state.attachments).toBe(0);
  });
});

test.each([
  [413, 'too_large'],
  [400, 'too_large'],
  [400, 'bad_request'],
  [507, 'mailbox_full'],
] as const)('a refusal (%i, %s) is handed up as it is, and the session forgotten', async (status, failure) => {
  const { state, run } = model();
  state.trouble = { at: 2, error: refusal(status, failure) };
  await expect(run()).rejects.toMatchObject({ name: 'GraphError', failure });
  expect(state.memory).toBeNull();
});
