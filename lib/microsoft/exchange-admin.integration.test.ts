/** Who is an administrator by the Exchange role, as the sandbox's Graph beta says it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import { portalApp } from '#sandbox/world/portal-app.ts';
import { findPerson } from '#sandbox/world/tenants.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { control } from '../imports/connector.fixture.ts';
import { type AppTokens, createAppTokens } from './app-token.ts';
import { microsoftHosts } from './clouds.ts';
import { type ExchangeAdmin, exchangeAdmins } from './exchange-admin.ts';
import type { Transport } from './transport.ts';
import { createTransport } from './transport.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
});
afterAll(() => sandbox.stop());

const idOf = (name: string): string => findPerson(alderByrne, `${name}@alderbyrne.example`)?.id ?? '';

function asking(transport: Transport = createTransport(), change: Partial<AppTokens> = {}) {
  const hosts = microsoftHosts('public', { graphUrl: sandbox.graph, authority: sandbox.entra });
  const credential = { secret: portalApp.clientSecret };
  const tokens = createAppTokens({ hosts, clientId: portalApp.clientId, credential, transport: createTransport() });
  const ask = exchangeAdmins({ hosts, tokens: { ...tokens, ...change }, transport });
  return (name: string): Promise<ExchangeAdmin> => ask(alderByrne.id, idOf(name));
}

const consent = (permissions: readonly string[]) =>
  control(sandbox, 'PUT', `consents/${alderByrne.id}`, { permissions });

it('has no say where the tenant has not granted the permission, and Graph is not asked', async () => {
  await consent(['User.Read.All', 'Mail.ReadWrite']);
  let asked = 0;
  const transport = createTransport();
  const counting: Transport = (url, request) => {
    asked += 1;
    return transport(url, request);
  };
  expect(await asking(counting)('noa.levi')).toBe('not_held');
  expect(asked).toBe(0);
});

it('is held by whom Graph lists with it, and by nobody else', async () => {
  await consent(['User.Read.All', 'Mail.ReadWrite', 'RoleManagement.Read.Exchange']);
  const ask = asking();
  expect(await ask('noa.levi')).toBe('held');
  expect(await ask('sam.okafor')).toBe('not_held');
});

it.each([
  ['another role', { roleDefinition: { displayName: 'Mail Recipients', isEnabled: true } }],
  ['a role that is switched off', { roleDefinition: { displayName: 'Mailbox Import Export', isEnabled: false } }],
  ['some mailboxes alone', { directoryScopeId: '/Users/1' }],
  ['a scope of an application', { directoryScopeId: null, appScopeId: 'cn=Sales' }],
])('%s is not enough', async (_what, change) => {
  await consent(['User.Read.All', 'RoleManagement.Read.Exchange']);
  const whole = { directoryScopeId: '/', appScopeId: null, roleDefinition: { displayName: 'Mailbox Import Export' } };
  const answering =
    (value: object): Transport =>
    async () => ({
      status: 200,
      headers: { 'content-type': 'application/json' },
      text: JSON.stringify({ value: [value] }),
    });
  expect(await asking(answering(whole))('noa.levi')).toBe('held');
  expect(await asking(answering({ ...whole, ...change }))('noa.levi')).toBe('not_held');
});

it('is not known where Microsoft does not answer, or not in a way that can be understood', async () => {
  await consent(['User.Read.All', 'RoleManagement.Read.Exchange']);
  const answering =
    (status: number, body: object): Transport =>
    async () => ({
      status,
      headers: { 'content-type': 'application/json' },
      text: JSON.stringify(body),
    });
  expect(await asking(answering(503, { error: { code: 'x', message: 'y' } }))('noa.levi')).toBe('unknown');
  expect(await asking(answering(200, { value: 'x' }))('noa.levi')).toBe('unknown');
  // Taken back since the token was made.
  const refused = { error: { code: 'Authorization_RequestDenied', message: 'no' } };
  expect(await asking(answering(403, refused))('noa.levi')).toBe('not_held');
});
