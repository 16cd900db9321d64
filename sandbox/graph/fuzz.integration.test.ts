/**
 * Whatever is sent, Graph answers, with an error in Graph's own shape where it refuses, and goes on. The seed is the
 * run's (`TEST_SEED`); `FUZZ_RUNS` says how long to look, 60 by default, each with a dozen requests.
 */
import { Agent, request as httpsRequest } from 'node:https';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';
import { type FuzzRequest, fuzzRequest, fuzzRuns } from './fuzz-requests.fixture.ts';
import { parseFolderId } from './ids.ts';

const LENA = '/users/lena.fischer@alderbyrne.example';
const HANGS_MS = 10_000;

let sandbox: TestSandbox;
let authorization: string;
let other: string;
let uploaded: string;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

beforeAll(async () => {
  sandbox = await startTestSandbox({ limitsScale: 1_000 });
  sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
  authorization = `Bearer ${await sandbox.token()}`;
  const elsewhere = await api('/users/ben.carter@alderbyrne.example/messages').post({ subject: 'not hers' });
  other = elsewhere.id;
  uploaded = await uploadedFile();
});
afterAll(async () => {
  agent.destroy();
  await sandbox.stop();
});

const api = (path: string) => sandbox.graph().api(path).header('Prefer', 'IdType="ImmutableId"');

/** Path below messages of a file that came by an upload, with a type that no header can carry. */
async function uploadedFile(): Promise<string> {
  const { id } = await api(`${LENA}/messages`).post({ subject: 'Uploaded' });
  const size = 3 * 1_048_576;
  const { uploadUrl } = await api(`${LENA}/messages/${id}/attachments/createUploadSession`).post({
    AttachmentItem: { attachmentType: 'file', name: 'a\r\nb', size, contentType: 'text/x\r\nset-cookie: a=b' },
  });
  const headers = { 'content-range': `bytes 0-${size - 1}/${size}` };
  const { status } = await fetch(uploadUrl, { method: 'PUT', headers, body: new Uint8Array(size) });
  expect(status).toBe(201);
  return `${id}/attachments/${(await api(`${LENA}/messages/${id}/attachments`).select('id').get()).value[0].id}`;
}

/** A folder with a message, an attachment and an open upload, and one that clashes, for requests to work on. */
async function surroundings(): Promise<Readonly<Record<string, string>>> {
  const before = await api(`${LENA}/mailFolders/deleteditems/childFolders`).filter("displayName eq 'A'").get();
  if (before.value.length === 0) await api(`${LENA}/mailFolders/deleteditems/childFolders`).post({ displayName: 'A' });
  const folder = await api(`${LENA}/mailFolders`).post({ displayName: `Fuzzed ${Math.random()}` });
  const message = await api(`${LENA}/mailFolders/${folder.id}/messages`).post({
    subject: 'Fuzzed',
    attachments: [{ '@odata.type': '#microsoft.graph.fileAttachment', name: 'a', contentBytes: 'eA==' }],
  });
  const twin = await api(`${LENA}/mailFolders/${folder.id}/childFolders`).post({ displayName: 'A' });
  const suffixed = `A (${parseFolderId(twin.id)})`;
  await api(`${LENA}/mailFolders/${folder.id}/childFolders`).post({ displayName: suffixed });
  const attachments = await api(`${LENA}/messages/${message.id}/attachments`).select('id').get();
  const session = await api(`${LENA}/messages/${message.id}/attachments/createUploadSession`).post({
    AttachmentItem: { attachmentType: 'file', name: 'clip', size: 4_000_000 },
  });
  return {
    user: 'lena.fischer@alderbyrne.example',
    folder: folder.id,
    message: message.id,
    attachment: attachments.value[0].id,
    upload: new URL(session.uploadUrl).pathname,
    other,
    uploaded,
    twin: twin.id,
    suffixed,
  };
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Past fetch, which sends no body with a GET and mends what is broken. Rejects when no answer comes. */
function send(what: FuzzRequest, names: Readonly<Record<string, string>>): Promise<Answer> {
  const filled = fill(what.path, names).replace(/[^\x21-\x7e]/g, (character) =>
    encodeURIComponent(character.toWellFormed()),
  );
  const url = new URL(sandbox.urls.graph);
  const path = filled.startsWith('/uploads/') ? filled : `/v1.0${filled}`;
  const body = typeof what.body === 'string' ? Buffer.from(fill(what.body, names)) : what.body;
  const headers = {
    ...what.headers,
    ...(!filled.startsWith('/uploads/') && { authorization }),
    'content-length': String(body?.length ?? 0),
  };
  return new Promise((resolve, reject) => {
    const options = { agent, hostname: url.hostname, port: url.port, path, method: what.method, headers };
    const request = httpsRequest(options, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString() }));
    });
    request.setTimeout(HANGS_MS, () => request.destroy(new Error('no answer came')));
    request.on('error', reject);
    request.end(body);
  });
}

function fill(text: string, names: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (placeholder, name: string) => names[name] ?? placeholder);
}

const refusal = z.object({
  error: z.object({
    code: z.string().min(1),
    message: z.string(),
    innerError: z.object({ date: z.string(), 'request-id': z.string(), 'client-request-id': z.string() }),
  }),
});
const batchAnswer = z.object({
  responses: z.array(z.object({ id: z.string(), status: z.number(), body: z.unknown().optional() })),
});

function check(status: number, body: unknown): void {
  expect(status, JSON.stringify(body)?.slice(0, 500)).toBeLessThan(500);
  if (status < 400) return;
  const { error } = refusal.parse(body);
  expect(error.message).not.toMatch(/sandbox failed|expected .*received|FST_|zod/i);
}

function checkAnswer({ status, text }: Answer, what: FuzzRequest): void {
  check(status, status < 400 ? text : JSON.parse(text));
  if (status >= 400 || what.path !== '/$batch' || what.method !== 'POST') return;
  for (const one of batchAnswer.parse(JSON.parse(text)).responses) check(one.status, one.body);
}

function createdId({ text }: Answer): string | undefined {
  return text === '' ? undefined : z.object({ id: z.string().optional() }).parse(JSON.parse(text)).id;
}

describe('Graph', () => {
  it('answers whatever is sent, in its own words, and goes on', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fuzzRequest, { minLength: 1, maxLength: 24 }), async (requests) => {
        const names = await surroundings();
        let last = '';
        for (const what of requests) {
          const answer = await send(what, { ...names, last });
          checkAnswer(answer, what);
          if (answer.status === 201) last = createdId(answer) ?? last;
        }

        const subject = `After ${requests.length}`;
        const { id } = await api(`${LENA}/mailFolders/inbox/messages`).post({ subject });
        expect((await api(`${LENA}/messages/${id}`).get()).subject).toBe(subject);
      }),
      { numRuns: fuzzRuns },
    );
  }, 600_000);
});
