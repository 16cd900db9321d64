import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';
import { findPerson, kestrelBank } from '../world/tenants.ts';

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
});
afterAll(() => sandbox.stop());

const names = (answer: { value: { displayName: string }[] }) => answer.value.map((user) => user.displayName);

describe('/users', () => {
  it('is protected by the token and by the permission', async () => {
    const bare = await fetch(`${sandbox.urls.graph}/v1.0/users`);
    expect(bare.status).toBe(401);
    expect(await bare.json()).toMatchObject({ error: { code: 'InvalidAuthenticationToken' } });
    await expect(sandbox.graph(kestrelBank).api('/users').get()).rejects.toMatchObject({
      statusCode: 403,
      code: 'Authorization_RequestDenied',
    });
  });

  it('says why a token is not taken', async () => {
    const said = async (authorization: string): Promise<unknown> => {
      const response = await fetch(`${sandbox.urls.graph}/v1.0/users`, { headers: { authorization } });
      return [response.status, (await response.json()).error.message];
    };
    const token = await sandbox.token();
    expect(await said('Bearer nonsense')).toEqual([401, expect.stringContaining('not well formed')]);
    expect(await said(`Bearer ${token.slice(0, -8)}AAAAAAAA`)).toEqual([
      401,
      expect.stringContaining('Invalid signature'),
    ]);
  });

  it('gives the usual properties, and others on $select only', async () => {
    const usual = await sandbox.graph().api('/users/grace.adeyemi@alderbyrne.example').get();
    expect(usual).toMatchObject({ displayName: 'Grace Adeyemi', mobilePhone: '+12125550101' });
    expect(usual.proxyAddresses).toBeUndefined();
    const asked = await sandbox
      .graph()
      .api(`/users/${usual.id}`)
      .select('id,mail,userPrincipalName,proxyAddresses,userType,accountEnabled')
      .get();
    expect(asked).toEqual({
      '@odata.context': expect.any(String),
      id: usual.id,
      mail: 'grace.adeyemi@alderbyrne.example',
      userPrincipalName: 'grace.adeyemi@alderbyrne.example',
      proxyAddresses: ['SMTP:grace.adeyemi@alderbyrne.example'],
      userType: 'Member',
      accountEnabled: true,
    });
  });

  it('tells a principal name from an alias of the same spelling', async () => {
    const byUpn = await sandbox.graph().api('/users/j.hart@alderbyrne.example').get();
    expect(byUpn.displayName).toBe('Julia Hart');
    const filter = "proxyAddresses/any(p:p eq 'smtp:j.hart@alderbyrne.example')";
    expect(names(await sandbox.graph().api('/users').filter(filter).get())).toEqual(['Jonas Hart']);
  });

  it.each([
    ["mail eq 'OLIVIA.chen@alderbyrne.example'", ['Olivia Chen']],
    ["userPrincipalName eq 'olivia.chen@alderbyrne.example'", ['Olivia Chen']],
    ["mail in ('ben.carter@alderbyrne.example','sam.okafor@alderbyrne.example')", ['Sam Okafor', 'Ben Carter']],
    [
      "proxyAddresses/any(p:p eq 'smtp:m.ruiz@alderbyrne-group.example') or proxyAddresses/any(p:p eq 'SMTP:ben.carter@alderbyrne.example')",
      ['Mateo Ruiz', 'Ben Carter'],
    ],
    ["userType eq 'Guest'", ['Elif Demir (Brightwell)']],
    ["mail eq 'amara.mensah@kestrelbank.example'", []],
    ["startsWith(displayName,'mat')", ['Mateo Ruiz']],
    ["accountEnabled eq false and userType eq 'Member'", ['Henrik Dahl', 'Front Desk London']],
    ["userprincipalname eq 'sam.okafor@alderbyrne.example'", ['Sam Okafor']],
    ["otherMails/any(m:startsWith(m,'elif'))", ['Elif Demir (Brightwell)']],
  ])('finds by %s', async (filter, expected) => {
    expect(names(await sandbox.graph().api('/users').filter(filter).get())).toEqual(expected);
  });

  it('pages to the end without loss or repetition', async () => {
    const seen: string[] = [];
    let page = await sandbox.graph().api('/users').top(10).select('id').get();
    for (;;) {
      seen.push(...page.value.map((user: { id: string }) => user.id));
      if (page['@odata.nextLink'] === undefined) break;
      page = await sandbox.graph().api(page['@odata.nextLink']).get();
    }
    expect(seen).toEqual(alderByrne.people.map((one) => one.id));
  });

  it('keeps the query from page to page', async () => {
    const first = await sandbox
      .graph()
      .api("/users?$filter=startsWith(userPrincipalName,'m')&$select=displayName&$top=1")
      .get();
    expect(first['@odata.context']).toBe(`${sandbox.urls.graph}/v1.0/$metadata#users(displayName)`);
    expect(first['@odata.nextLink']).toContain('$skiptoken=');
    const second = await sandbox.graph().api(first['@odata.nextLink']).get();
    expect([...first.value, ...second.value]).toEqual([{ displayName: 'Marcus Webb' }, { displayName: 'Mateo Ruiz' }]);
  });

  it('counts where the header allows it, and is silent where it does not', async () => {
    const asked = () => sandbox.graph().api('/users').count(true).top(1);
    const answer = await asked().header('ConsistencyLevel', 'eventual').get();
    expect(answer['@odata.count']).toBe(alderByrne.people.length);
    expect((await asked().get())['@odata.count']).toBeUndefined();
  });

  it.each([
    ["mail ne 'x' and endsWith(mail,'brightwell.example')", ['Elif Demir (Brightwell)']],
    ["not(userType eq 'Member')", ['Elif Demir (Brightwell)']],
    ["mobilePhone eq '+12125550113'", ['Mateo Ruiz']],
  ])('finds by %s as an advanced query', async (filter, expected) => {
    // the client leaves a plus as it is, which a query reads as a space
    const request = sandbox.graph().api('/users').filter(encodeURIComponent(filter)).count(true);
    const answer = await request.header('ConsistencyLevel', 'eventual').get();
    expect(names(answer)).toEqual(expected);
    expect(answer['@odata.count']).toBe(expected.length);
  });

  it.each(['displayName', 'userPrincipalName'] as const)('sorts by %s, either way', async (property) => {
    const sorted = async (order: string): Promise<readonly string[]> => {
      const { value } = await sandbox.graph().api('/users').orderby(`${property} ${order}`).top(999).get();
      return value.map((user: Record<string, string>) => user[property]?.toLowerCase());
    };
    const expected = alderByrne.people.map((one) => one[property].toLowerCase()).toSorted();
    expect(await sorted('asc')).toEqual(expected);
    expect(await sorted('desc')).toEqual(expected.toReversed());
  });

  it('sorts what it filters as an advanced query', async () => {
    const request = sandbox.graph().api("/users?$filter=startsWith(surname,'hart')&$orderby=displayName desc");
    const answer = await request.count(true).header('ConsistencyLevel', 'eventual').get();
    expect(names(answer)).toEqual(['Julia Hart', 'Jonas Hart']);
  });

  it.each([
    ['/users/nobody@alderbyrne.example', 404, 'Request_ResourceNotFound'],
    [`/users/${findPerson(kestrelBank, 'amara.mensah@kestrelbank.example')?.id}`, 404, 'Request_ResourceNotFound'],
    ['/users?$filter=mail is x', 400, 'BadRequest'],
    ['/users?$filter=nonsense eq 1', 400, 'BadRequest'],
    ["/users?$filter=mail ne 'x'", 400, 'Request_UnsupportedQuery'],
    ['/users?$select=nonsense', 400, 'BadRequest'],
    ['/users?$top=1000', 400, 'Request_UnsupportedQuery'],
    ['/users?$top=0', 400, 'Request_UnsupportedQuery'],
    ['/users?$top=-1', 400, 'Request_UnsupportedQuery'],
    ['/users?$top=many', 400, 'BadRequest'],
    ['/users?$skip=5', 400, 'Request_BadRequest'],
    ['/users?$count=maybe', 400, 'BadRequest'],
    ['/users?$skiptoken=nonsense', 400, 'Directory_ExpiredPageToken'],
    ['/users?$search="displayName:Grace"', 400, 'Request_UnsupportedQuery'],
    ['/users?$expand=manager', 400, 'BadRequest'],
    ['/users?$orderby=nonsense', 400, 'BadRequest'],
    ['/users?$orderby=mail', 400, 'Request_UnsupportedQuery'],
    ['/users?$orderby=createdDateTime', 400, 'Request_UnsupportedQuery'],
    ["/users?$orderby=displayName&$filter=userType eq 'Guest'", 400, 'Request_UnsupportedQuery'],
    ["/users?$filter=mail eq 'x' and nonsense eq 1", 400, 'BadRequest'],
    ["/users?$filter=aboutMe eq 'x'", 400, 'Request_UnsupportedQuery'],
    ["/users?$filter=mobilePhone eq '+12125550101'", 400, 'Request_UnsupportedQuery'],
    ["/users?$filter=contains(mail,'grace')", 400, 'Request_UnsupportedQuery'],
    ["/users?$filter=endsWith(mail,'example')", 400, 'Request_UnsupportedQuery'],
    ['/users?$filter=mail eq null', 400, 'Request_UnsupportedQuery'],
    ['/users/grace.adeyemi@alderbyrne.example?$top=1', 400, 'BadRequest'],
    ["/users/grace.adeyemi@alderbyrne.example?$filter=mail eq 'x'", 400, 'BadRequest'],
    ['/organization?$select=nonsense', 400, 'BadRequest'],
    [`/organization/${alderByrne.id}?$select=nonsense`, 400, 'BadRequest'],
    [`/organization/${kestrelBank.id}`, 404, 'Request_ResourceNotFound'],
    ['/users?$nonsense=1', 400, 'BadRequest'],
    ['/nonsense', 400, 'BadRequest'],
    ['/users/x/nonsense', 400, 'BadRequest'],
  ])('answers %s with %i %s', async (path, statusCode, code) => {
    await expect(sandbox.graph().api(path).get()).rejects.toMatchObject({ statusCode, code });
  });

  it('names the request in every answer, by the client’s id too', async () => {
    const response = await fetch(`${sandbox.urls.graph}/v1.0/users/nobody`, {
      headers: { authorization: `Bearer ${await sandbox.token()}`, 'client-request-id': 'mine' },
    });
    expect(response.headers.get('client-request-id')).toBe('mine');
    const { error } = await response.json();
    expect(error.innerError).toEqual({
      date: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/),
      'request-id': response.headers.get('request-id'),
      'client-request-id': 'mine',
    });
  });
});

describe('/organization', () => {
  it('gives the verified domains of the caller’s own tenant', async () => {
    const { value } = await sandbox.graph().api('/organization').select('id,verifiedDomains').get();
    expect(value).toHaveLength(1);
    expect(value[0].id).toBe(alderByrne.id);
    expect(value[0].verifiedDomains.map((domain: { name: string }) => domain.name)).toEqual([
      'alderbyrne.example',
      'alderbyrne-group.example',
    ]);
  });
});

describe('tokens', () => {
  it('expire', async () => {
    let now = new Date();
    const other = await startTestSandbox({ tokenSeconds: 60 }, () => now);
    try {
      other.parts.consents.grant(alderByrne.id, ['User.Read.All']);
      const client = other.graphWith(await other.token());
      expect((await client.api('/users').get()).value).not.toEqual([]);
      now = new Date(now.getTime() + 61_000);
      await expect(client.api('/users').get()).rejects.toMatchObject({
        statusCode: 401,
        code: 'InvalidAuthenticationToken',
        message: expect.stringContaining('expired'),
      });
    } finally {
      await other.stop();
    }
  });
});

describe('the resource of a token', () => {
  it('may be Graph by its own host, as set in GRAPH_URL', async () => {
    const scopes = [`${sandbox.urls.graph}/.default`];
    const result = await sandbox.msal().acquireTokenByClientCredential({ scopes });
    const { value } = await sandbox
      .graphWith(result?.accessToken ?? '')
      .api('/organization')
      .get();
    expect(value).toMatchObject([{ id: alderByrne.id }]);
  });
});
