/** Tokens, Graph and the directory with Microsoft's own clients against a whole cloud, the sandbox's, over TLS. */
import { generate } from 'selfsigned';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import { portalApp } from '#sandbox/world/portal-app.ts';
import { foxglove } from '#sandbox/world/tenants.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { type AppTokens, certificateCredential, createAppTokens } from './app-token.ts';
import { type MicrosoftHosts, microsoftHosts } from './clouds.ts';
import { resolveAddresses } from './directory.ts';
import { discover } from './discovery.ts';
import { createGraph, type Graph } from './graph.ts';
import { GraphError } from './graph-errors.ts';
import { readOrganization } from './organization.ts';
import { type ConsentMode, proveConsent } from './prove-consent.ts';
import { createTransport, type Transport } from './transport.ts';

const TENANT = alderByrne.id;
let sandbox: TestSandbox;
let hosts: MicrosoftHosts;
let transport: Transport;
let tokens: AppTokens;
let graph: Graph;

const appTokens = (secret: string = portalApp.clientSecret, clientId: string = portalApp.clientId): AppTokens =>
  createAppTokens({ hosts, clientId, credential: { secret }, transport });

async function control(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<void> {
  const answer = await fetch(`${sandbox.http}/sandbox/control/${path}`, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`control ${path}: ${answer.status} ${await answer.text()}`);
}
const consent = (body: object = {}): Promise<void> => control('PUT', `consents/${TENANT}`, body);
const fault = (rule: object): Promise<void> => control('POST', 'faults', { service: 'graph', ...rule });

beforeAll(async () => {
  sandbox = await startTestSandbox();
  hosts = microsoftHosts('public', { graphUrl: sandbox.graph, authority: sandbox.entra });
  transport = createTransport();
});
afterAll(() => sandbox?.stop());
beforeEach(async () => {
  await consent();
  tokens = appTokens();
  graph = createGraph({ hosts, tokens, tenantId: TENANT, transport });
});
afterEach(async () => {
  await control('DELETE', 'faults');
});

describe('app tokens', () => {
  test('carry what the tenant consented to; a cached one does not learn of more, a fresh one does', async () => {
    await consent({ permissions: ['User.Read.All'] });
    expect((await tokens.token(TENANT)).roles).toEqual(['User.Read.All']);
    await consent();
    expect((await tokens.token(TENANT)).roles).toEqual(['User.Read.All']);
    const fresh = await tokens.token(TENANT, { fresh: true });
    expect([...fresh.roles].sort()).toEqual(['Mail.ReadWrite', 'User.Read.All']);
    expect(fresh.tenantId).toBe(TENANT);
  });

  test.each([
    ['a wrong secret', () => appTokens('wrong').token(TENANT), 'credential_refused', 'ours'],
    [
      'an unknown application',
      () => appTokens('x', 'b1f5a3de-0000-4000-8000-000000000000').token(TENANT),
      'app_not_in_tenant',
      'customer',
    ],
  ])('%s', async (_, ask, failure, kind) => {
    await expect(ask()).rejects.toMatchObject({ name: 'AppTokenError', failure, kind });
  });

  test('come by a certificate, as long as the registration of the application holds it', async () => {
    const made = await generate([{ name: 'commonName', value: 'portal' }], { keySize: 2048, algorithm: 'sha256' });
    const credential = certificateCredential(`${made.cert}\n${made.private}`);
    const proven = createAppTokens({ hosts, clientId: portalApp.clientId, credential, transport });
    const refused = { name: 'AppTokenError', failure: 'credential_refused', kind: 'ours' };
    await expect(proven.token(TENANT)).rejects.toMatchObject(refused);
    await control('POST', 'app/certificates', { pem: made.cert });
    expect([...(await proven.token(TENANT)).roles].sort()).toEqual(['Mail.ReadWrite', 'User.Read.All']);
    expect((await proven.token(TENANT, { fresh: true })).tenantId).toBe(TENANT);
    await control('DELETE', 'app/certificates');
    await expect(proven.token(TENANT, { fresh: true })).rejects.toMatchObject(refused);
  });

  test('an unknown tenant', async () => {
    const unknown = tokens.token('00000000-0000-4000-8000-000000000000');
    await expect(unknown).rejects.toMatchObject({ failure: 'tenant_unknown', kind: 'customer' });
  });

  test('an Entra ID that cannot be reached', async () => {
    const nowhere = microsoftHosts('public', { graphUrl: sandbox.graph, authority: 'https://localhost:9' });
    const unreachable = createAppTokens({
      hosts: nowhere,
      clientId: portalApp.clientId,
      credential: { secret: 'x' },
      transport,
    });
    await expect(unreachable.token(TENANT)).rejects.toMatchObject({ failure: 'unreachable', kind: 'transient' });
  });

  test.each([500, 503, 429])('an Entra ID that answers %i is tried again, not taken for a refusal', async (status) => {
    await control('POST', 'faults', { service: 'entra', route: '*', fault: { kind: 'refuse', status, code: 'busy' } });
    await expect(tokens.token(TENANT)).rejects.toMatchObject({ kind: 'transient' });
    await control('DELETE', 'faults');
    await expect(tokens.token(TENANT)).resolves.toMatchObject({ tenantId: TENANT });
  });

  test('callers side by side ask Entra ID once', async () => {
    let asked = 0;
    const counting: Transport = (url, wire) => {
      if (wire.method === 'POST') asked += 1;
      return transport(url, wire);
    };
    const shared = createAppTokens({
      hosts,
      clientId: portalApp.clientId,
      credential: { secret: portalApp.clientSecret },
      transport: counting,
    });
    await Promise.all(Array.from({ length: 20 }, () => shared.token(TENANT)));
    await shared.token(TENANT);
    expect(asked).toBe(1);
  });

  test('no message carries the secret', async () => {
    const error: unknown = await appTokens('a-wrong-secret')
      .token(TENANT)
      .catch((thrown: unknown) => thrown);
    expect(String(error)).not.toContain('a-wrong-secret');
  });
});

describe('Graph', () => {
  test('the organization and its verified domains', async () => {
    expect(await readOrganization(graph)).toEqual({
      id: TENANT,
      displayName: alderByrne.displayName,
      verifiedDomains: alderByrne.domains,
    });
  });

  test('a batch answers each request by itself', async () => {
    const answers = await graph.batch([
      { id: 'good', method: 'GET', url: '/users?$top=1' },
      { id: 'bad', method: 'GET', url: '/users/nobody@alderbyrne.example' },
    ]);
    expect(answers.map(({ id, status }) => [id, status])).toEqual([
      ['good', 200],
      ['bad', 404],
    ]);
  });

  test('a folder is created once: the second time has a name of its own', async () => {
    const [grace] = alderByrne.people;
    const create = {
      method: 'POST',
      url: `/users/${grace?.id}/mailFolders`,
      body: { displayName: 'Android Archiver' },
    } as const;
    expect((await graph.request(create)).status).toBe(201);
    await expect(graph.request(create)).rejects.toMatchObject({ failure: 'folder_exists', inDoubt: false });
  });

  test('a connection that is cut after the work leaves a doubt, and nothing is sent twice', async () => {
    const [grace] = alderByrne.people;
    const folders = `/users/${grace?.id}/mailFolders`;
    await fault({ route: 'POST /v1.0/users/*/mailFolders', count: 1, fault: { kind: 'reset-after' } });
    const error: unknown = await graph
      .request({ method: 'POST', url: folders, body: { displayName: 'Cut' } })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(GraphError);
    expect(error).toMatchObject({ failure: 'unreachable', inDoubt: true });
    const listed = await graph.request({
      method: 'GET',
      url: `${folders}?$filter=${encodeURIComponent("displayName eq 'Cut'")}`,
    });
    expect(listed.body).toMatchObject({ value: [{ displayName: 'Cut' }] });
  });

  test('throttling names its wait', async () => {
    await fault({ route: 'GET /v1.0/organization', count: 1, fault: { kind: 'throttle', retryAfter: 7 } });
    await expect(readOrganization(graph)).rejects.toMatchObject({ failure: 'throttled', retryAfterSeconds: 7 });
  });
});

describe('addresses', () => {
  const kinds = async (addresses: readonly string[]): Promise<Record<string, string>> => {
    const results = await resolveAddresses(graph, addresses);
    return Object.fromEntries(
      [...results].map(([address, result]) => [
        address,
        result.kind === 'mailbox' ? result.userPrincipalName : result.kind,
      ]),
    );
  };

  test('every difficulty of a real directory', async () => {
    expect(
      await kinds([
        'grace.adeyemi@alderbyrne.example', // plain
        'henrik.dahl@alderbyrne.example', // disabled, mailbox works
        'frontdesk@alderbyrne.example', // shared
        'yuki.tanaka@alderbyrne.example', // no licence
        'elif.demir@brightwell.example', // guest
        'm.ruiz@alderbyrne-group.example', // alias in the second domain
        'OLIVIA.CHEN@ALDERBYRNE.EXAMPLE', // another case than in the directory
        'o.chen@alderbyrne-group.example',
        'j.hart@alderbyrne.example', // Julia's sign-in name, Jonas's alias: mail for it is Jonas's
        'julia.hart@alderbyrne.example',
        'nobody@alderbyrne.example',
        'not an address',
        "o'nobody@alderbyrne.example",
      ]),
    ).toEqual({
      'grace.adeyemi@alderbyrne.example': 'grace.adeyemi@alderbyrne.example',
      'henrik.dahl@alderbyrne.example': 'henrik.dahl@alderbyrne.example',
      'frontdesk@alderbyrne.example': 'frontdesk@alderbyrne.example',
      'yuki.tanaka@alderbyrne.example': 'no_mailbox',
      'elif.demir@brightwell.example': 'guest',
      'm.ruiz@alderbyrne-group.example': 'mateo.ruiz@alderbyrne.example',
      'olivia.chen@alderbyrne.example': 'Olivia.CHEN@alderbyrne.example',
      'o.chen@alderbyrne-group.example': 'Olivia.CHEN@alderbyrne.example',
      'j.hart@alderbyrne.example': 'jonas.hart@alderbyrne.example',
      'julia.hart@alderbyrne.example': 'j.hart@alderbyrne.example',
      'nobody@alderbyrne.example': 'none',
      'not an address': 'none',
      "o'nobody@alderbyrne.example": 'none',
    });
  });

  test('everybody at once, with throttling on the way', async () => {
    await fault({ route: 'POST /v1.0/$batch', count: 1, fault: { kind: 'throttle', retryAfter: 1 } });
    const members = alderByrne.people.filter(
      (person) => person.mail !== null && person.userType === 'Member' && person.mailbox !== 'none',
    );
    const results = await resolveAddresses(
      graph,
      members.map(({ mail }) => mail ?? ''),
      { sleep: async () => {} },
    );
    const found = members.map(({ mail }) => results.get(mail?.toLowerCase() ?? ''));
    expect(found.map((result) => (result?.kind === 'mailbox' ? result.userId : result?.kind))).toEqual(
      members.map(({ id }) => id),
    );
  });

  test('a missing permission is an error, not an empty directory', async () => {
    await control('DELETE', `consents/${TENANT}`);
    const without = createGraph({ hosts, tokens: appTokens(), tenantId: TENANT, transport });
    await expect(resolveAddresses(without, ['grace.adeyemi@alderbyrne.example'])).rejects.toThrow();
  });
});

describe('consent', () => {
  const prove = async (mode: ConsentMode, probeAddress: string | null): Promise<readonly string[]> => {
    const { checks, proven } = await proveConsent({
      tokens,
      graph,
      mode,
      probeAddresses: probeAddress === null ? [] : [probeAddress],
    });
    return [
      ...checks.map(({ check, result, problem }) => `${check} ${result}${problem === null ? '' : ` ${problem}`}`),
      proven ? 'proven' : 'not proven',
    ];
  };

  test('given for all mailboxes', async () => {
    expect(await prove('all', null)).toEqual(['consent passed', 'directory passed', 'mailbox passed', 'proven']);
  });

  test('not given', async () => {
    await control('DELETE', `consents/${TENANT}`);
    expect(await prove('all', null)).toEqual([
      'consent waiting roles_missing',
      'directory not_run',
      'mailbox not_run',
      'not proven',
    ]);
  });

  test('given in part', async () => {
    await consent({ permissions: ['User.Read.All'] });
    const proof = await proveConsent({ tokens, graph, mode: 'all', probeAddresses: [] });
    expect(proof.checks[0]).toMatchObject({
      result: 'waiting',
      problem: 'roles_missing',
      missingRoles: ['Mail.ReadWrite'],
    });
  });

  test('for chosen mailboxes a mailbox inside the scope proves it', async () => {
    await consent({ permissions: ['User.Read.All'], mailboxes: ['grace.adeyemi@alderbyrne.example'] });
    expect(await prove('chosen', 'grace.adeyemi@alderbyrne.example')).toEqual([
      'consent passed',
      'directory passed',
      'mailbox passed',
      'proven',
    ]);
    expect(await prove('chosen', 'henrik.dahl@alderbyrne.example')).toEqual([
      'consent passed',
      'directory passed',
      'mailbox waiting out_of_scope',
      'not proven',
    ]);
    expect(await prove('chosen', null)).toEqual([
      'consent passed',
      'directory passed',
      'mailbox failed address_needed',
      'not proven',
    ]);
  });

  test('for chosen mailboxes a grant for all of them is none', async () => {
    await consent({
      permissions: ['User.Read.All', 'Mail.ReadWrite'],
      mailboxes: ['grace.adeyemi@alderbyrne.example'],
    });
    expect(await prove('chosen', 'grace.adeyemi@alderbyrne.example')).toEqual([
      'consent failed unlimited',
      'directory not_run',
      'mailbox not_run',
      'not proven',
    ]);
  });

  test('an address that nobody has proves nothing', async () => {
    expect((await prove('all', 'nobody@alderbyrne.example')).at(-2)).toBe('mailbox failed address_unknown');
    expect((await prove('all', 'yuki.tanaka@alderbyrne.example')).at(-2)).toBe('mailbox failed no_mailbox');
  });
});

describe('discovery', () => {
  test('of a tenant, and of the domain that belongs to it', async () => {
    const byId = await discover(hosts, TENANT, transport);
    expect(new URL(byId.authorizationEndpoint).origin).toBe(sandbox.http);
    expect(byId.issuer).toContain(TENANT);
    expect((await discover(hosts, foxglove.domains[0] ?? '', transport)).issuer).toContain(foxglove.id);
  });

  test('a tenant that does not exist', async () => {
    await expect(discover(hosts, 'nowhere.example', transport)).rejects.toMatchObject({ failure: 'tenant_unknown' });
  });
});
