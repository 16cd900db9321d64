import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';
import { kestrelBank } from '../world/tenants.ts';

const BEN = 'ben.carter@alderbyrne.example';

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startTestSandbox();
});
beforeEach(async () => {
  await control('POST', 'reset');
  sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
});
afterAll(() => sandbox.stop());

const answerSchema = z.looseObject({ error: z.string().optional() }).nullable();

async function control(method: string, path: string, body?: unknown, on = sandbox) {
  const response = await fetch(`${on.urls.http}/sandbox/control/${path}`, {
    method,
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: answerSchema.parse(text === '' ? null : JSON.parse(text)) };
}

const change = (person: string, body: unknown) => control('PATCH', `people/${encodeURIComponent(person)}`, body);
const add = (body: unknown, tenant = 'alderbyrne.example') => control('POST', `tenants/${tenant}/people`, body);

/** What Graph answers, or the code that it refuses with. */
const graph = (path: string) =>
  sandbox
    .graph()
    .api(path)
    .get()
    .then(
      (body: unknown) => body,
      (error: { statusCode: number; code: string }) => `${error.statusCode} ${error.code}`,
    );
const subjects = async (user: string) =>
  z
    .object({ value: z.array(z.object({ subject: z.string() })) })
    .parse(await graph(`/users/${user}/messages`))
    .value.map((one) => one.subject);
const write = (user: string, subject: string) => sandbox.graph().api(`/users/${user}/messages`).post({ subject });

describe('people, by the control API', () => {
  it('are listed with their organization', async () => {
    const { body } = await control('GET', 'people');
    expect(body).toMatchObject({ removed: [] });
    expect(body?.people).toHaveLength(52);
    expect(body?.people).toContainEqual({
      tenant: kestrelBank.id,
      ...kestrelBank.people.find((one) => one.givenName === 'Amara'),
    });
  });

  it('a new employee has a mailbox, and is found by every address', async () => {
    const proxyAddresses = ['SMTP:nadia.haddad@alderbyrne.example', 'smtp:n.haddad@alderbyrne-group.example'];
    const { status, body } = await add({ givenName: 'Nadia', surname: 'Haddad', proxyAddresses });
    expect([status, body]).toMatchObject([201, { tenant: alderByrne.id, mailbox: 'user', accountEnabled: true }]);
    await write('nadia.haddad@alderbyrne.example', 'welcome');
    expect(await subjects(String(body?.id))).toEqual(['welcome']);
    expect(
      await graph(
        "/users?$filter=proxyAddresses/any(p:p eq 'smtp:n.haddad@alderbyrne-group.example')&$select=id,proxyAddresses",
      ),
    ).toMatchObject({ value: [{ id: body?.id, proxyAddresses }] });
  });

  it('a leaver’s account is disabled, and the mailbox works', async () => {
    await write(BEN, 'before');
    expect(await change(BEN, { accountEnabled: false })).toMatchObject({
      status: 200,
      body: { accountEnabled: false },
    });
    expect(await graph(`/users/${BEN}?$select=accountEnabled`)).toMatchObject({ accountEnabled: false });
    expect(await subjects(BEN)).toEqual(['before']);
  });

  it('a sign-in name changes, and the mailbox goes with it', async () => {
    await write(BEN, 'mine');
    await change(BEN, { userPrincipalName: 'ben.c@alderbyrne.example' });
    expect(await graph(`/users/${BEN}`)).toBe('404 Request_ResourceNotFound');
    expect(await subjects('ben.c@alderbyrne.example')).toEqual(['mine']);
    expect(await change(BEN, { displayName: 'Benjamin' })).toMatchObject({
      status: 200,
      body: { userPrincipalName: 'ben.c@alderbyrne.example' },
    });
  });

  it('somebody deleted is nobody, and has the old mailbox when restored', async () => {
    await write(BEN, 'kept');
    const id = sandbox.parts.directory.find(BEN)?.person.id ?? '';
    expect((await control('DELETE', `people/${BEN}`)).status).toBe(204);
    for (const user of [BEN, id]) {
      expect(await graph(`/users/${user}`)).toBe('404 Request_ResourceNotFound');
      expect(await graph(`/users/${user}/messages`)).toBe('404 ErrorInvalidUser');
    }
    expect((await control('GET', 'people')).body).toMatchObject({ removed: [{ id, tenant: alderByrne.id }] });
    expect((await change(BEN, {})).status).toBe(404);
    expect(await control('POST', `people/${id}/restore`)).toMatchObject({ status: 200, body: { id } });
    expect(await subjects(BEN)).toEqual(['kept']);
    expect((await control('POST', `people/${id}/restore`)).status).toBe(404);
  });

  it('everybody is as at a first start after a reset', async () => {
    const before = (await control('GET', 'people')).body;
    await add({ givenName: 'Nadia', surname: 'Haddad' });
    await change(BEN, { mailbox: 'none' });
    await control('DELETE', 'people/sam.okafor@alderbyrne.example');
    expect((await control('GET', 'people')).body).not.toEqual(before);
    await control('POST', 'reset');
    expect((await control('GET', 'people')).body).toEqual(before);
  });

  it('keep their mailbox settings when the mailboxes are emptied', async () => {
    await change(BEN, { mailbox: 'shared' });
    await control('DELETE', 'mailboxes');
    expect(sandbox.parts.directory.find(BEN)?.person.mailbox).toBe('shared');
  });
});

describe('nonsense', () => {
  it.each([
    [{ nickname: 'Benny' }, /nickname/],
    [{ accountEnabled: 'yes' }, /accountEnabled/],
    [{ appRoles: ['Emperor'] }, /There is no such app role\. There are: DataConnectors\.Admin/],
    [{ directoryRoles: ['Emperor'] }, /no such directory role/],
    [{ exchangeRoleGroups: ['Emperor'] }, /no such Exchange role group/],
    [{ mobile: '0171 234567' }, /E\.164/],
    [{ mobile: '+1' }, /E\.164/],
    [{ mailbox: 'lost' }, /A mailbox is one of user, shared, none, onPremises, full/],
    [{ messageBytes: 1e9 }, /at most 150 MB/],
    [{ proxyAddresses: ['ben@alderbyrne.example'] }, /form smtp:/],
    [{ userPrincipalName: 'ben' }, /form name@domain/],
    [{ userPrincipalName: 'ben@homemail.example' }, /verified domain/],
    [{ mail: 'm.ruiz@alderbyrne-group.example' }, /belongs to Mateo Ruiz/],
  ])('%j is refused with a sentence', async (body, sentence) => {
    expect(await change(BEN, body)).toEqual({ status: 400, body: { error: expect.stringMatching(sentence) } });
    expect(sandbox.parts.tenants).toEqual([alderByrne, kestrelBank, expect.anything()]);
  });

  it('about somebody new is refused with a sentence', async () => {
    expect(await add({})).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('A name is missing.') },
    });
    expect(await add({ givenName: 'A', surname: 'B', id: '7' })).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('An object id is a GUID.') },
    });
    expect(await add({ givenName: 'Ben', surname: 'Carter' })).toMatchObject({
      status: 400,
      body: { error: `Ben Carter signs in as ${BEN} already.` },
    });
    expect((await add({ givenName: 'A', surname: 'B' }, 'nowhere.example')).status).toBe(404);
  });

  it('about nobody is not found', async () => {
    for (const [method, path] of [
      ['PATCH', 'people/nobody@alderbyrne.example'],
      ['DELETE', 'people/nobody@alderbyrne.example'],
      ['POST', 'people/nobody/restore'],
      ['GET', 'nothing'],
    ] as const) {
      const { status, body } = await control(method, path, method === 'PATCH' ? {} : undefined);
      expect([method, status, body]).toEqual([method, 404, { error: expect.stringMatching(/\.$/) }]);
    }
  });

  const noJson = 'The body is no JSON, or has a key named __proto__ or constructor.';
  it.each([
    ['no JSON', '{', 400, noJson],
    ['JSON that would change every object', '{"__proto__":{}}', 400, noJson],
    ['nothing', '', 400, 'The body is empty, and the headers say that it is JSON.'],
    ['too much', `"${'x'.repeat(8 * 1_048_576)}"`, 413, 'The body is too long.'],
  ])('with a body that is %s is refused in this API’s own words', async (_name, body, status, error) => {
    const response = await fetch(`${sandbox.urls.http}/sandbox/control/people/${BEN}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect([response.status, await response.json()]).toEqual([status, { error }]);
  });

  it('that is text is refused', async () => {
    const text = await fetch(`${sandbox.urls.http}/sandbox/control/reset`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: 'x',
    });
    expect([text.status, await text.json()]).toEqual([415, { error: 'The control API takes JSON only.' }]);
  });
});

describe('another site’s page', () => {
  it('changes nothing', async () => {
    const response = await fetch(`${sandbox.urls.http}/sandbox/control/people/${BEN}`, {
      method: 'DELETE',
      headers: { origin: 'https://evil.example' },
    });
    expect(response.status).toBe(403);
    expect(sandbox.parts.directory.find(BEN)).toBeDefined();
  });
});

describe('changes', () => {
  it('are there after a restart, and unknown to another sandbox', async () => {
    const data = mkdtempSync(join(tmpdir(), 'sandbox-directory-'));
    const first = await startTestSandbox({ data });
    await control('PATCH', `people/${BEN}`, { mail: 'benjamin@alderbyrne.example' }, first);
    await control('DELETE', 'people/sam.okafor@alderbyrne.example', undefined, first);
    const before = (await control('GET', 'people', undefined, first)).body;
    await first.stop();
    const second = await startTestSandbox({ data });
    try {
      expect((await control('GET', 'people', undefined, second)).body).toEqual(before);
      expect(second.parts.directory.find('benjamin@alderbyrne.example')?.person.displayName).toBe('Ben Carter');
      expect(sandbox.parts.directory.find('benjamin@alderbyrne.example')).toBeUndefined();
    } finally {
      await second.stop();
      rmSync(data, { recursive: true });
    }
  });
});
