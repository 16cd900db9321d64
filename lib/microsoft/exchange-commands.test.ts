import { expect, test } from 'vitest';
import { exchangeCommands } from './exchange-commands.ts';

const APP = { cloud: 'public', clientId: 'client', objectId: 'object', inside: "o'brien@a.example" } as const;

test('the application, its scope and role, a mailbox, and the test of it', () => {
  expect(exchangeCommands(APP).split('\n')).toEqual([
    'Connect-ExchangeOnline',
    "New-ServicePrincipal -AppId 'client' -ObjectId 'object' -DisplayName 'Compliance portal'",
    `New-ManagementScope -Name 'Archived mailboxes' -RecipientRestrictionFilter "CustomAttribute1 -eq 'archived'"`,
    "New-ManagementRoleAssignment -App 'client' -Role 'Application Mail.ReadWrite' -CustomResourceScope 'Archived mailboxes'",
    "Set-Mailbox -Identity 'o''brien@a.example' -CustomAttribute1 'archived'",
    "Test-ServicePrincipalAuthorization -Identity 'client' -Resource 'o''brien@a.example'",
  ]);
});

test('what is not known yet is to be filled in', () => {
  const commands = exchangeCommands({ ...APP, objectId: null, inside: null });
  expect(commands).toContain("-ObjectId '<object id of the enterprise application>'");
  expect(commands).toContain("-Resource '<address of a mailbox>'");
});

test.each([
  ['gcc-high', 'O365USGovGCCHigh'],
  ['dod', 'O365USGovDoD'],
  ['china', 'O365China'],
] as const)('%s has an Exchange of its own', (cloud, name) => {
  expect(exchangeCommands({ ...APP, cloud })).toMatch(
    new RegExp(`^Connect-ExchangeOnline -ExchangeEnvironmentName ${name}\n`),
  );
});
