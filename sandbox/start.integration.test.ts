import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSettings, SettingsError } from './settings.ts';
import { startTestSandbox } from './test-sandbox.ts';
import { serverTls } from './tls.ts';
import { alderByrne } from './world/alder-byrne.ts';

const data = mkdtempSync(join(tmpdir(), 'sandbox-state-'));
afterAll(() => rmSync(data, { recursive: true, force: true }));

const LENA = '/users/lena.fischer@alderbyrne.example';

describe('a sandbox whose clock stands elsewhere', () => {
  it('has a certificate that clients take today', async () => {
    const tlsDir = join(data, 'tls of another time');
    const elsewhere = await startTestSandbox({ tlsDir }, () => new Date('2020-02-02T12:00:00Z'));
    await elsewhere.stop();
    const { validToDate } = new X509Certificate(readFileSync(join(tlsDir, 'server.pem')));
    expect(validToDate.getTime()).toBeGreaterThan(Date.now());
  });
});

describe('state', () => {
  it('survives a restart: mailboxes, attachments, consents, and tokens that are still valid', async () => {
    const first = await startTestSandbox({ data });
    first.parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
    const { id } = await first
      .graph()
      .api(`${LENA}/messages`)
      .header('Prefer', 'IdType="ImmutableId"')
      .post({
        subject: 'kept',
        attachments: [{ '@odata.type': '#microsoft.graph.fileAttachment', name: 'a.txt', contentBytes: 'aGVsbG8=' }],
      });
    const token = await first.token();
    await first.stop();

    const second = await startTestSandbox({ data });
    try {
      expect(second.parts.consents.granted(alderByrne.id)).toEqual(['User.Read.All', 'Mail.ReadWrite']);
      expect(
        await second.graph(alderByrne, { token }).api(`${LENA}/messages/${id}`).expand('attachments').get(),
      ).toMatchObject({
        subject: 'kept',
        attachments: [{ name: 'a.txt', contentBytes: 'aGVsbG8=' }],
      });
    } finally {
      await second.stop();
    }
  });

  it('is committed before it is answered: a killed process loses nothing that it confirmed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sandbox-killed-'));
    const script = `
      const { startTestSandbox } = await import(${JSON.stringify(new URL('./test-sandbox.ts', import.meta.url).href)});
      const sandbox = await startTestSandbox({ data: ${JSON.stringify(folder)} });
      sandbox.parts.consents.grant(${JSON.stringify(alderByrne.id)}, ['User.Read.All', 'Mail.ReadWrite']);
      const requests = Array.from({ length: 20 }, (_, i) => ({ id: String(i), method: 'POST', url: '${LENA}/messages', headers: { 'Content-Type': 'application/json' }, body: { subject: 'confirmed' } }));
      const { responses } = await sandbox.graph().api('/$batch').post({ requests });
      process.stdout.write(String(responses.filter((one) => one.status === 201).length), () => process.kill(process.pid, 'SIGKILL'));`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const [, signal] = await once(child, 'close');
    expect([said, signal]).toEqual(['20', 'SIGKILL']);

    const second = await startTestSandbox({ data: folder });
    try {
      const found = await second.graph().api(`${LENA}/messages`).filter("subject eq 'confirmed'").top(50).get();
      expect(found.value).toHaveLength(20);
    } finally {
      await second.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('keeps the hash instead of the body where that is set', async () => {
    const sandbox = await startTestSandbox({ keepBodies: false });
    try {
      sandbox.parts.consents.grant(alderByrne.id, ['Mail.ReadWrite']);
      const { id } = await sandbox
        .graph()
        .api(`${LENA}/messages`)
        .post({ subject: 's', body: { contentType: 'text', content: 'hello' } });
      const owner = alderByrne.people.find((one) => one.givenName === 'Lena')?.id ?? '';
      expect(sandbox.parts.mailboxes.message(owner, id)?.body).toEqual({
        contentType: 'text',
        content: null,
        sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
      });
    } finally {
      await sandbox.stop();
    }
  });
});

describe('certificates', () => {
  it('are kept, and the server’s is renewed near its end under the same CA', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sandbox-tls-'));
    const now = new Date('2026-01-01T00:00:00Z');
    const first = await serverTls(folder, now);
    expect(await serverTls(folder, now)).toEqual(first);
    const later = await serverTls(folder, new Date('2026-12-20T00:00:00Z'));
    expect(later.cert).not.toBe(first.cert);
    expect(later.caPath).toBe(first.caPath);
    rmSync(folder, { recursive: true });
  });

  it('are verified: a client that does not trust the CA is not served', async () => {
    const sandbox = await startTestSandbox();
    const script = `await fetch('${sandbox.urls.graph}/v1.0/users').then(() => console.log('served'), (error) => console.log(error.cause.code))`;
    const seen = async (change: Record<string, string>): Promise<string> => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        env: { NODE_ENV: 'test', ...change },
      });
      let said = '';
      child.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString();
      });
      await once(child, 'close');
      return said.trim();
    };
    try {
      expect(await seen({})).toMatch(/SELF_SIGNED|UNABLE_TO/);
      expect(await seen({ NODE_EXTRA_CA_CERTS: sandbox.caPath })).toBe('served');
    } finally {
      await sandbox.stop();
    }
  });
});

describe('settings', () => {
  it('refuse an address that other machines reach, unless told', () => {
    expect(() => readSettings({ SANDBOX_HOST: '0.0.0.0' })).toThrow(SettingsError);
    expect(readSettings({ SANDBOX_HOST: '0.0.0.0', SANDBOX_ALLOW_REMOTE: 'yes' }).host).toBe('0.0.0.0');
    expect(readSettings({}).host).toBe('127.0.0.1');
  });

  it('name every variable that cannot be used', () => {
    expect(() => readSettings({ SANDBOX_HTTP_PORT: 'x', SANDBOX_SEED: '-1' })).toThrow(
      /SANDBOX_HTTP_PORT[\s\S]*SANDBOX_SEED/,
    );
  });
});
