/** Every kind of object that holds a secret goes through the log, and the secret is looked for in what comes out. */
import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfidentialClientApplication, InteractionRequiredAuthError, ServerError } from '@azure/msal-node';
import { Job } from 'bullmq';
import { createTransport } from 'nodemailer';
import pg from 'pg';
import { errors, request } from 'undici';
import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import { parseEnv } from './env.ts';
import { createLog } from './log.ts';
import { loggable, withoutSecrets } from './log-redaction.ts';
import { GraphError } from './microsoft/graph-errors.ts';
import { parseKeyRing } from './security/keyring.ts';
import { newDataKey, sealSecret } from './security/sealing.ts';

const KEY = randomBytes(32);
const SECRET = `s3cr3t-${randomBytes(12).toString('hex')}`;
const TEXT = `meet me at ${randomBytes(12).toString('hex')}`;
const TOKEN = `eyJ0eXAiOiJKV1QifQ.${randomBytes(40).toString('base64url')}.${randomBytes(40).toString('base64url')}`;
const RING = parseKeyRing(`k:${KEY.toString('base64')}`);
const SEALED = sealSecret(RING, SECRET, 'x');
const PEM = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

/** What none of the lines may have. */
const HIDDEN = [
  SECRET,
  encodeURIComponent(SECRET),
  Buffer.from(SECRET).toString('base64'),
  TEXT,
  TOKEN,
  SEALED,
  PEM.slice(40, 90),
];
const KEY_FORMS = [
  KEY.toString('base64'),
  KEY.toString('hex'),
  KEY.toString('base64url'),
  JSON.stringify(KEY.toJSON().data),
];

/** The lines that logging something in every way makes. */
function linesOf(value: unknown, known: readonly string[] = []): string {
  let lines = '';
  const log = createLog('trace', known, { write: (line) => (lines += line) });
  const facts = { thing: value };
  log.info(facts, 'a thing');
  log.error(value as object, 'the thing itself');
  log.warn({ err: value }, 'as an error');
  log.info({ a: { b: { c: [facts] } } }, 'deep down');
  log.child({ bound: value }).info('bound');
  return lines;
}

function expectHidden(value: unknown, known: readonly string[] = []): string {
  const lines = linesOf(value, known);
  expect(lines.trim().split('\n').length).toBeGreaterThan(4);
  for (const hidden of [...HIDDEN, ...KEY_FORMS]) expect(lines.includes(hidden), `${hidden} in ${lines}`).toBe(false);
  return lines;
}

async function failureOf(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error('did not fail');
}

/** A server on this machine that repeats in its refusal what it was sent. */
async function withEcho<T>(work: (url: string) => Promise<T>): Promise<T> {
  const server = createServer((asked, answer) => {
    answer.writeHead(400, { 'content-type': 'application/json' });
    answer.end(JSON.stringify({ error: 'invalid_grant', error_description: `refused ${asked.headers.authorization}` }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
  }
}

describe('nothing secret is logged of', () => {
  it('the environment', () => {
    const env = parseEnv({
      DATABASE_URL: `postgresql://portal:${SECRET}@127.0.0.1/portal`,
      REDIS_URL: `redis://:${SECRET}@127.0.0.1`,
      AZURE_STORAGE_CONNECTION_STRING: `BlobEndpoint=http://127.0.0.1/a;AccountName=a;AccountKey=${SECRET}`,
      TELEMESSAGE_URL: 'https://archive.example',
      ENTRA_CLIENT_ID: '00000000-0000-4000-8000-000000000000',
      ENTRA_CLIENT_SECRET: SECRET,
      ORGANIZATIONS: '00000000-0000-4000-8000-000000000000',
      NEXTAUTH_URL: 'https://portal.example',
      NEXTAUTH_SECRET: Buffer.from(KEY).toString('base64'),
      ENCRYPTION_KEYS: `k:${KEY.toString('base64')}`,
      AUDIT_KEYS: `k:${KEY.toString('base64')}`,
      SMTP_HOST: 'mail.example',
      SMTP_FROM: 'a@mail.example',
      SMTP_USER: 'a',
      SMTP_PASSWORD: SECRET,
      HEARTBEAT_URL: `https://monitor.example/ping?token=${SECRET}`,
    });
    expectHidden(env);
  });

  it('a key ring, a key and a data key', () => {
    expectHidden(RING);
    expectHidden(RING.current);
    expectHidden([...RING.keys.values()]);
    expectHidden(createSecretKey(KEY));
    expectHidden(newDataKey(RING, 'x'));
    expectHidden({ anything: KEY });
  });

  it('rows of connectors, notification settings, upload sessions and attachments', () => {
    expectHidden({ id: 1, username: 'a', passwordSealed: SEALED, refusedPasswordSealed: SEALED });
    expectHidden({ password_sealed: SEALED, webhook_url_sealed: SEALED, url_sealed: SEALED, data_key: KEY });
    expectHidden({ name: 'a name that is harmless', value: SEALED });
    expectHidden({ uploadUrl: `https://outlook.office.com/x/AttachmentSessions('y')?authtoken=${TOKEN}` });
    expectHidden({ username: 'a', password: SECRET, credentials: { user: 'a', pass: SECRET } });
  });

  it('an item, a message and a job that has them', () => {
    expectHidden({ item: { id: '1', text: TEXT, subject: TEXT, body: { content: TEXT } } });
    const queue = {
      name: 'q',
      keys: {},
      toKey: () => '',
      opts: { connection: { password: SECRET } },
      qualifiedName: 'q',
    };
    const job = new Job(
      queue as unknown as ConstructorParameters<typeof Job>[0],
      'deliver',
      { password: SECRET, text: TEXT },
      {},
      '1',
    );
    expectHidden(job);
    expectHidden({ data: job.data, opts: { ...job.opts, token: TOKEN } });
  });

  it('errors of undici, with the headers of their requests and answers', async () => {
    const options = {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({ text: TEXT }),
    } as const;
    const unreachable = await failureOf(() => request('http://127.0.0.1:1', options));
    expectHidden(unreachable);
    expectHidden(Object.assign(unreachable as Error, { request: options, headers: options.headers }));
    expectHidden(
      new errors.ResponseError(`Bearer ${TOKEN} was refused`, 401, {
        body: { text: TEXT },
        headers: { 'set-cookie': SECRET },
      }),
    );
    expectHidden(new Error('outer', { cause: new Error(`https://a:${SECRET}@host/ failed`) }));
    expectHidden(new AggregateError([new Error(`client_secret=${SECRET}&x=y`)], 'several'));
  });

  it('an answer of Graph', () => {
    const error = new GraphError(
      {
        failure: 'forbidden',
        status: 403,
        code: 'ErrorAccessDenied',
        retryAfterSeconds: null,
        requestId: 'r',
        inDoubt: false,
      },
      'Forbidden',
    );
    expectHidden(Object.assign(error, { request: { headers: { Authorization: TOKEN } }, body: TEXT }));
  });

  it('errors of msal', async () => {
    const error = await withEcho((url) =>
      failureOf(() => {
        const app = new ConfidentialClientApplication({
          auth: {
            clientId: 'a',
            authority: `${url.replace('http', 'https')}/tenant`,
            clientSecret: SECRET,
          },
        });
        return app.acquireTokenByClientCredential({ scopes: ['https://graph.microsoft.com/.default'] });
      }),
    );
    expectHidden(error);
    expectHidden(new ServerError('invalid_client', `${SECRET} client_assertion=${TOKEN}`, ''), [SECRET]);
    expectHidden(new InteractionRequiredAuthError('x', `id_token=${TOKEN}`, '', '', '', '', TOKEN));
  });

  it('errors of nodemailer', async () => {
    const auth = { user: 'a', pass: SECRET };
    const error = await failureOf(() =>
      createTransport({ host: '127.0.0.1', port: 1, auth }).sendMail({ to: 'a@b', text: TEXT }),
    );
    expectHidden(error);
    const plain = Buffer.from(`\0a\0${SECRET}`).toString('base64');
    const refused = Object.assign(new Error('Invalid login'), {
      command: `AUTH PLAIN ${plain}`,
      response: `535 ${plain}`,
    });
    expect(expectHidden(refused)).not.toContain(plain);
  });

  it('errors of PostgreSQL and of its client', async () => {
    const connectionString = `postgresql://portal:${SECRET}@127.0.0.1:1/portal`;
    const client = new pg.Client({ connectionString });
    expectHidden(await failureOf(() => client.connect()));
    expectHidden(client);
    const error = new pg.DatabaseError(`invalid input syntax for type json: "${TEXT}"`, 1, 'error');
    expectHidden(Object.assign(error, { detail: `Key (text)=(${TEXT}) exists`, where: TEXT, code: '22P02' }));
  });

  it('parsers that quote what they could not read', async () => {
    expectHidden(await failureOf(async () => JSON.parse(TEXT)));
    expectHidden(await failureOf(async () => JSON.parse(`{"text":"${TEXT}",}`)));
    expectHidden(await failureOf(async () => z.enum(['a']).parse(TEXT)));
    expectHidden(await failureOf(async () => z.object({ a: z.literal('b') }).parse({ a: TEXT })));
  });

  it('a private key in any text', () => {
    expectHidden({ note: PEM });
    expectHidden(new Error(`cannot read ${PEM}`));
  });
});

test('a secret of this process is in no line, wherever it came from', () => {
  const odd = `odd "quoted" \\ sécret & ${SECRET}`;
  const lines = linesOf(new Error(`the server says: ${odd}`), [odd]);
  expect(lines).not.toContain(SECRET);
  expect(linesOf({ note: encodeURIComponent(odd) }, [odd])).not.toContain(SECRET);
});

test('what says what happened stays: ids, counts, codes, names, times and stacks', () => {
  const at = new Date(0);
  const error = Object.assign(
    new TypeError('fetch failed', { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) }),
    {
      status: 503,
    },
  );
  expect(
    loggable({ importId: 'x', frames: 3, big: 5n, at, done: true, none: null, list: [1, 'a'], error }),
  ).toMatchObject({
    importId: 'x',
    frames: 3,
    big: '5',
    at,
    done: true,
    none: null,
    list: [1, 'a'],
    error: {
      type: 'TypeError',
      message: 'fetch failed',
      status: 503,
      stack: expect.stringContaining('at '),
      cause: { code: 'ECONNREFUSED' },
    },
  });
  const line = '{"level":30,"time":1,"url":"https://graph.microsoft.com/v1.0/users?$top=5","msg":"2 of 3 imported"}';
  expect(withoutSecrets(line)).toBe(line);
});

test('a line stays short and ends, whatever is in it', () => {
  const loop: { self?: unknown; list: unknown[] } = { list: Array.from({ length: 1000 }, () => 'x') };
  loop.self = loop;
  expect(JSON.stringify(loggable(loop)).length).toBeLessThan(1000);
  const error = new Error('a');
  error.cause = error;
  expect(linesOf(error)).toContain('[circular]');
  let deep: unknown = 'bottom';
  for (let i = 0; i < 10_000; i++) deep = { deep };
  expect(JSON.stringify(loggable(deep))).toContain('[deeper]');
});
