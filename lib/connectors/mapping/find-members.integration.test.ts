/** The picker's people, from a directory as Microsoft's contract has it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sandboxClients } from '#lib/imports/clients.fixture.ts';
import { grantConsent } from '#lib/imports/connector.fixture.ts';
import { NotAllowed } from '#lib/security/actor.ts';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { seededActor } from '../rows.fixture.ts';
import { findMembers } from './use-cases.ts';

let sandbox: TestSandbox;
beforeAll(async () => {
  sandbox = await startTestSandbox();
  await grantConsent(sandbox);
});
afterAll(() => sandbox.stop());

const grace = seededActor(alderByrne.id, ['DataConnectors.Admin']);
const asked: string[] = [];
const parts = () => ({
  graph: (organizationId: string) => {
    asked.push(organizationId);
    return sandboxClients(sandbox).graph;
  },
});
const addresses = async (typed: string) => {
  const found = await findMembers(parts(), grace, typed);
  return found.kind === 'found' ? found.members.map(({ address }) => address) : found.kind;
};

it('are those of the organization whose name or address begins so', async () => {
  for (const typed of ['Katrin', 'vance', 'KATRIN.V', ' Katrin Va'])
    expect(await addresses(typed)).toContain('katrin.vance@alderbyrne.example');
  expect(await addresses('kestrelbank')).toEqual([]);
  expect(new Set(asked)).toEqual(new Set([alderByrne.id]));
});

it('are nobody for a single letter, and are asked of no directory then', async () => {
  asked.length = 0;
  expect(await addresses(' k ')).toEqual([]);
  expect(asked).toEqual([]);
});

it('are shown to nobody who may not map', async () => {
  for (const roles of [[], ['DataConnectors.Reader']] as const)
    await expect(findMembers(parts(), seededActor(alderByrne.id, roles), 'katrin')).rejects.toThrow(NotAllowed);
});
