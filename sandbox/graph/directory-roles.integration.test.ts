/** Directory roles through Graph: who has which, by every way that Graph offers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GraphPermission } from '../entra/consents.ts';
import { graphAs } from '../test-delegated.ts';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';
import { findPerson, foxglove, kestrelBank } from '../world/tenants.ts';

const GLOBAL = '62e90394-69f5-4237-9190-012177145e10';
const PRIVILEGED = 'e8611ab8-c189-46e8-94e1-60213ab1f814';
const EXCHANGE = '29232cdf-9323-42fd-ade2-1d097af3e4de';
const GRACE = 'grace.adeyemi@alderbyrne.example';
const ROLES = '/roleManagement/directory';

let sandbox: TestSandbox;
let grace: string;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  sandbox.parts.consents.grant(alderByrne.id, ['User.Read.All', 'RoleManagement.Read.Directory']);
  grace = findPerson(alderByrne, GRACE)?.id ?? '';
});
afterAll(() => sandbox.stop());

const get = (path: string) => sandbox.graph().api(path).get();

describe('/directoryRoles', () => {
  it('lists those that somebody has, by ids of this tenant', async () => {
    const { value } = await get('/directoryRoles');
    expect(value.map((role: { roleTemplateId: string }) => role.roleTemplateId)).toEqual([GLOBAL, PRIVILEGED]);
    expect(value[0]).toMatchObject({ displayName: 'Global Administrator', deletedDateTime: null });
    expect(value[0].id).not.toBe(GLOBAL);
  });

  it('finds one by its template, and shows its members on $expand', async () => {
    const { value } = await get(`/directoryRoles?$filter=roleTemplateId eq '${PRIVILEGED}'&$expand=members`);
    expect(value).toMatchObject([
      {
        displayName: 'Privileged Role Administrator',
        members: [{ '@odata.type': '#microsoft.graph.user', displayName: 'Priya Nair' }],
      },
    ]);
    expect((await get(`/directoryRoles?$filter=roleTemplateId eq '${EXCHANGE}'`)).value).toEqual([]);
  });

  it('gives members by the role’s id and by its template', async () => {
    const { value: roles } = await get('/directoryRoles');
    const expected = [{ '@odata.type': '#microsoft.graph.user', id: grace, userPrincipalName: GRACE }];
    expect((await get(`/directoryRoles/${roles[0].id}/members`)).value).toMatchObject(expected);
    const byTemplate = await get(`/directoryRoles(roleTemplateId='${GLOBAL}')/members?$select=displayName`);
    expect(byTemplate.value).toEqual([{ '@odata.type': '#microsoft.graph.user', displayName: 'Grace Adeyemi' }]);
  });

  it.each([
    ['/directoryRoles/nonsense/members', 400, 'Request_BadRequest'],
    [`/directoryRoles/${GLOBAL}/members`, 404, 'Request_ResourceNotFound'],
    [`/directoryRoles(roleTemplateId='${EXCHANGE}')/members`, 404, 'Request_ResourceNotFound'],
    ["/directoryRoles(nonsense='x')/members", 400, 'BadRequest'],
    ['/directoryRoles?$select=nonsense', 400, 'BadRequest'],
    ['/directoryRoles?$expand=nonsense', 400, 'BadRequest'],
    [`${ROLES}/roleDefinitions/nonsense`, 404, 'Request_ResourceNotFound'],
    [`${ROLES}/roleAssignments?$filter=condition eq 'x'`, 400, 'Request_UnsupportedQuery'],
    [`${ROLES}/roleAssignments?$expand=nonsense`, 400, 'BadRequest'],
  ])('answers %s with %i %s', async (path, statusCode, code) => {
    await expect(get(path)).rejects.toMatchObject({ statusCode, code });
  });
});

describe('memberships', () => {
  const role = { displayName: 'Global Administrator', roleTemplateId: GLOBAL };

  it('of a user are roles, said to be so in the list of all kinds', async () => {
    const { value } = await get(`/users/${GRACE}/memberOf`);
    expect(value).toMatchObject([{ '@odata.type': '#microsoft.graph.directoryRole', ...role }]);
    const cast = await get(`/users/${GRACE}/transitiveMemberOf/microsoft.graph.directoryRole`);
    expect(cast.value).toMatchObject([role]);
    expect(cast.value[0]['@odata.type']).toBeUndefined();
    expect(cast['@odata.context']).toBe(`${sandbox.urls.graph}/v1.0/$metadata#directoryRoles`);
    expect((await get('/users/sam.okafor@alderbyrne.example/memberOf')).value).toEqual([]);
  });

  it('are filtered as an advanced query only', async () => {
    const path = `/users/${GRACE}/memberOf?$filter=displayName eq 'Global Administrator'`;
    await expect(get(path)).rejects.toMatchObject({ code: 'Request_UnsupportedQuery' });
    const asked = sandbox.graph().api(path).count(true).header('ConsistencyLevel', 'eventual');
    expect((await asked.get()).value).toMatchObject([role]);
  });

  it('show the id alone to who may not read roles', async () => {
    const me = await graphAs(sandbox, { account: GRACE, scopes: ['User.Read'] });
    const { value } = await me.api('/me/memberOf').get();
    expect(value).toEqual([
      {
        '@odata.type': '#microsoft.graph.directoryRole',
        id: expect.any(String),
        deletedDateTime: null,
        description: null,
        displayName: null,
        roleTemplateId: null,
      },
    ]);
    sandbox.parts.consents.grantDelegated(alderByrne.id, ['RoleManagement.Read.Directory']);
    const open = await graphAs(sandbox, { account: GRACE, scopes: ['User.Read'] });
    expect((await open.api('/me/memberOf/microsoft.graph.directoryRole').get()).value).toMatchObject([role]);
  });
});

describe('/roleManagement/directory', () => {
  it('assigns roles to people, found by either side', async () => {
    const byRole = await get(`${ROLES}/roleAssignments?$filter=roleDefinitionId eq '${GLOBAL}'`);
    expect(byRole.value).toEqual([
      {
        id: expect.stringMatching(/^lAPpYvVpN0KRkAEhdxReE[\w-]{22}-1$/),
        appScopeId: null,
        condition: null,
        directoryScopeId: '/',
        principalId: grace,
        principalOrganizationId: alderByrne.id,
        roleDefinitionId: GLOBAL,
      },
    ]);
    const byPerson = await get(`${ROLES}/roleAssignments?$filter=principalId eq '${grace}'&$expand=principal`);
    expect(byPerson.value).toMatchObject([{ principal: { '@odata.type': '#microsoft.graph.user', id: grace } }]);
    const both = `${ROLES}/roleAssignments?$expand=principal,roleDefinition&$select=id`;
    expect(Object.keys((await get(both)).value[0])).toEqual(['id', 'principal', 'roleDefinition']);
  });

  it('defines roles that nobody has as well', async () => {
    const { value } = await get(`${ROLES}/roleDefinitions?$filter=displayName eq 'Exchange Administrator'`);
    expect(value).toMatchObject([{ id: EXCHANGE, templateId: EXCHANGE, isBuiltIn: true, isEnabled: true }]);
    expect(await get(`${ROLES}/roleDefinitions/${EXCHANGE}`)).toMatchObject({ displayName: 'Exchange Administrator' });
  });

  it('pages', async () => {
    const first = await get(`${ROLES}/roleDefinitions?$top=4&$select=displayName`);
    const second = await get(first['@odata.nextLink']);
    expect([first.value.length, second.value.length]).toEqual([4, 4]);
    expect(first.value).not.toEqual(second.value);
  });
});

describe('the permission', () => {
  const status = async (permission: GraphPermission, path: string, version = 'v1.0'): Promise<number> => {
    sandbox.parts.consents.grant(kestrelBank.id, [permission]);
    const request = sandbox.graph(kestrelBank).api(path).version(version);
    return request.get().then(
      () => 200,
      (error: { statusCode: number }) => error.statusCode,
    );
  };
  const amara = '/users/amara.mensah@kestrelbank.example';

  it.each<[string, string, readonly GraphPermission[]]>([
    ['/users', 'v1.0', ['User.Read.All', 'Directory.Read.All']],
    [`${amara}/memberOf`, 'v1.0', ['User.Read.All', 'Directory.Read.All']],
    ['/organization', 'v1.0', ['User.Read.All', 'Organization.Read.All', 'Directory.Read.All']],
    ['/directoryRoles', 'v1.0', ['RoleManagement.Read.Directory', 'Directory.Read.All']],
    [
      `${ROLES}/roleAssignments`,
      'v1.0',
      ['RoleManagement.Read.Directory', 'RoleManagement.Read.All', 'Directory.Read.All'],
    ],
    [
      `${ROLES}/roleDefinitions/${GLOBAL}`,
      'v1.0',
      ['RoleManagement.Read.Directory', 'RoleManagement.Read.All', 'Directory.Read.All'],
    ],
    ['/roleManagement/exchange/roleAssignments', 'beta', ['RoleManagement.Read.Exchange', 'RoleManagement.Read.All']],
  ])('for %s of %s is one of those that Microsoft names', async (path, version, enough) => {
    const all: readonly GraphPermission[] = [
      'User.Read.All',
      'Mail.ReadWrite',
      'Directory.Read.All',
      'Organization.Read.All',
      'RoleManagement.Read.All',
      'RoleManagement.Read.Directory',
      'RoleManagement.Read.Exchange',
    ];
    for (const one of all) {
      expect(await status(one, path, version), one).toBe(enough.includes(one) ? 200 : 403);
    }
  });

  it('is granted by the control API, for the app and for people', async () => {
    const put = await fetch(`${sandbox.urls.http}/sandbox/control/consents/${foxglove.id}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ permissions: ['Directory.Read.All'], delegated: ['RoleManagement.Read.Directory'] }),
    });
    expect(await put.json()).toMatchObject({ permissions: ['Directory.Read.All'] });
    const shown = await fetch(`${sandbox.urls.http}/sandbox/control/consents/${foxglove.id}`);
    expect(await shown.json()).toEqual({
      permissions: ['Directory.Read.All'],
      delegated: ['RoleManagement.Read.Directory'],
    });
    expect((await sandbox.graph(foxglove).api('/directoryRoles').get()).value).toHaveLength(1);
  });
});
