/** What a name stands for may change between one look and the next: only addresses that were checked are connected to. */
import { execFileSync } from 'node:child_process';
import type { LookupAddress } from 'node:dns';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { ADDRESS_REFUSED, type Resolve } from './addresses.ts';
import { createMailer } from './mail.ts';
import { type OutsideWorld, outsideOfTest } from './outside.fixture.ts';
import { createWeb } from './web.ts';

const METADATA = '169.254.169.254';
let outside: OutsideWorld;
beforeAll(async () => {
  outside = await outsideOfTest();
});
afterAll(() => outside.stop());
beforeEach(() => outside.forget());

/** A name server that answers as it is told, one answer after the other, and then the last again. */
function answering(...answers: readonly string[][]): { readonly resolve: Resolve; readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    resolve: (hostname, _options, callback) => {
      const addresses = answers[Math.min(asked.length, answers.length - 1)] ?? [];
      asked.push(hostname);
      const found: LookupAddress[] = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
      callback(null, found);
    },
  };
}

const sendHook = (names: { readonly resolve: Resolve }, lists: { hosts?: string[]; privateHosts?: string[] }) =>
  createWeb({ hosts: [], privateHosts: [], ...lists }, names.resolve).send(`https://${outside.host}/hook`, {
    method: 'POST',
    body: '{}',
  });

it('a webhook’s name is resolved once for a connection, and its private address refused where only public ones may be', async () => {
  // Public when somebody looks first, of this machine when the connection is made: there is one look only.
  const names = answering(['127.0.0.1'], ['93.184.216.34']);
  expect(await sendHook(names, { hosts: [outside.host] })).toMatchObject({ ok: false, answer: ADDRESS_REFUSED });
  expect(names.asked).toHaveLength(1);
  expect(outside.calls).toEqual([]);
});

it('of several addresses those are left out that may not be reached', async () => {
  const names = answering([METADATA, '127.0.0.1']);
  expect(await sendHook(names, { privateHosts: [outside.host] })).toMatchObject({ ok: true });
  expect(outside.calls).toHaveLength(1);
});

it('no list lets a webhook reach link-local addresses, where clouds keep their secrets', async () => {
  const answer = await sendHook(answering([METADATA]), { privateHosts: [outside.host] });
  expect(answer).toMatchObject({ ok: false, answer: ADDRESS_REFUSED });
});

const SMTP = { SMTP_FROM: 'portal@x.example', SMTP_USER: undefined, SMTP_PASSWORD: undefined };
const sendMail = (SMTP_HOST: string, names: { readonly resolve: Resolve }) =>
  createMailer({ ...SMTP, SMTP_SECURITY: 'starttls', SMTP_HOST, SMTP_PORT: outside.smtpPort }, names.resolve)?.send(
    'id',
    'ada@x.example',
    { subject: 's', text: 't', html: 't' },
  );

it('the mail server’s name is resolved for each connection, and may stand for a private address', async () => {
  const names = answering(['127.0.0.1']);
  expect(await sendMail('localhost', names)).toMatchObject({ ok: true });
  expect(await sendMail('localhost', names)).toMatchObject({ ok: true });
  expect(names.asked).toEqual(['localhost', 'localhost']);
  expect(await outside.mails()).toHaveLength(2);
});

it('no mail goes to a link-local address, whether a name stands for it or it is set itself', async () => {
  const refused = { ok: false, answer: ADDRESS_REFUSED, isAway: true };
  expect(await sendMail('localhost', answering([METADATA]))).toEqual(refused);
  expect(await sendMail(METADATA, answering([]))).toEqual(refused);
});

it('a mail server that is not there is away, and the notice waits', async () => {
  const mailer = createMailer({ ...SMTP, SMTP_SECURITY: 'starttls', SMTP_HOST: '127.0.0.1', SMTP_PORT: 1 });
  const answer = await mailer?.send('id', 'ada@x.example', { subject: 's', text: 't', html: 't' });
  expect(answer).toMatchObject({ ok: false, isAway: true });
});

it('one file alone knows a proxy: the one that the operator’s environment names', () => {
  const files = execFileSync('git', ['ls-files', 'app', 'lib', 'workers', 'instrumentation.ts', 'proxy.ts'], {
    encoding: 'utf8',
  });
  const knowing = files
    .trim()
    .split('\n')
    .filter((file) => /\.tsx?$/.test(file) && !/\.(test|fixture)\.ts$/.test(file))
    .filter((file) =>
      /ProxyAgent|new Agent\(|setGlobalDispatcher|setGlobalProxy|HTTPS?_PROXY|USE_ENV_PROXY|proxy:/.test(
        readFileSync(file, 'utf8'),
      ),
    );
  // The other one holds the variable's value against its form.
  expect(knowing).toEqual(['lib/env.ts', 'lib/outgoing.ts']);
});
