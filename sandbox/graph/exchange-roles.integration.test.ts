import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '../test-sandbox.ts';
import { alderByrne } from '../world/alder-byrne.ts';
import { findPerson, kestrelBank } from '../world/tenants.ts';

const ROLES = '/roleManagement/exchange';

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  for (const tenant of [alderByrne, kestrelBank]) {
    sandbox.parts.consents.grant(tenant.id, ['User.Read.All', 'RoleManagement.Read.Exchange']);
  }
});
afterAll(() => sandbox.stop());

const get = (path: string, tenant = alderByrne) => sandbox.graph(tenant).api(path).version('beta').get();

describe('Exchange roles in beta', () => {
  it('need a permission of their own', async () => {
    sandbox.parts.consents.grant(kestrelBank.id, ['User.Read.All']);
    await expect(get(`${ROLES}/roleAssignments`, kestrelBank)).rejects.toMatchObject({
      statusCode: 403,
      code: 'Authorization_RequestDenied',
    });
    sandbox.parts.consents.grant(kestrelBank.id, ['User.Read.All', 'RoleManagement.Read.Exchange']);
    expect((await get(`${ROLES}/roleAssignments`, kestrelBank)).value).toEqual([]);
  });

  it('say who has Mailbox Import Export, and by which role', async () => {
    const noa = findPerson(alderByrne, 'noa.levi@alderbyrne.example');
    const { value: definitions } = await get(`${ROLES}/roleDefinitions?$filter=displayName eq 'Mailbox Import Export'`);
    expect(definitions).toMatchObject([{ displayName: 'Mailbox Import Export', isEnabled: true }]);
    const { value: assignments } = await get(`${ROLES}/roleAssignments?$filter=principalId eq '/Users/${noa?.id}'`);
    expect(assignments).toMatchObject([{ roleDefinitionId: definitions[0].id, principalId: `/Users/${noa?.id}` }]);
    expect(await get(`${ROLES}/roleDefinitions/${definitions[0].id}`)).toMatchObject({
      displayName: 'Mailbox Import Export',
    });
  });

  it('follow the directory', async () => {
    const { directory } = sandbox.parts;
    const holders = async (): Promise<string[]> => {
      const { value } = await get(`${ROLES}/roleAssignments`);
      return value
        .map((one: { principalId: string }) => one.principalId)
        .filter((id: string) => id.startsWith('/Users/'));
    };
    const [noa, ben] = ['noa.levi', 'ben.carter'].map(
      (name) => directory.find(`${name}@alderbyrne.example`)?.person.id ?? '',
    );
    directory.change(ben ?? '', { exchangeRoleGroups: ['Mailbox Import Operators'] });
    directory.remove(noa ?? '');
    expect(await holders()).toEqual([`/Users/${ben}`]);
    directory.reset();
    expect(await holders()).toEqual([`/Users/${noa}`]);
  });

  it('are not in v1.0', async () => {
    await expect(sandbox.graph().api(`${ROLES}/roleAssignments`).get()).rejects.toMatchObject({
      statusCode: 400,
      code: 'BadRequest',
    });
  });
});
