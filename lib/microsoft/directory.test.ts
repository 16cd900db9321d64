/** What no sandbox directory can hold, and a real one can: an address that several people have. */
import { expect, it } from 'vitest';
import { resolveAddresses } from './directory.ts';
import type { Graph } from './graph.ts';

interface User {
  readonly id: string;
  readonly mail?: string;
  readonly userType?: string;
}

/** A directory that answers with these people, whoever is asked for, and whose mailboxes all answer. */
function directoryOf(
  byMail: readonly User[],
  byProxy: readonly User[],
  byName: readonly User[] = [],
  /** of the question whether there is a mailbox, or of every other one */
  status: { readonly probe?: number; readonly users?: number } = {},
): Graph {
  const found = (url: string): readonly User[] =>
    url.includes('proxyAddresses') ? byProxy : url.includes('userPrincipalName%20eq') ? byName : byMail;
  return {
    batch: async (requests: readonly { readonly url: string }[]) =>
      requests.map(({ url }) => ({
        status: (url.includes('/mailFolders') ? status.probe : status.users) ?? 200,
        headers: { 'retry-after': '3600' },
        body: {
          value: url.includes('/mailFolders')
            ? []
            : found(url).map((user) => ({ userPrincipalName: `${user.id}@company.com`, ...user })),
        },
      })),
  } as unknown as Graph;
}

const kindOf = async (graph: Graph) => {
  const result = (await resolveAddresses(graph, ['Shared@company.com'])).get('shared@company.com');
  return result?.kind === 'mailbox' ? result.userId : result?.kind;
};
const [one, two, guest] = [{ id: 'one' }, { id: 'two' }, { id: 'guest', userType: 'Guest' }];

it('an address that two people have is ambiguous, as their address or as their aliases', async () => {
  expect(await kindOf(directoryOf([one, two], []))).toBe('ambiguous');
  expect(await kindOf(directoryOf([one], [two]))).toBe('ambiguous');
  expect(await kindOf(directoryOf([], [one, two]))).toBe('ambiguous');
  expect(await kindOf(directoryOf([], [], [one, two]))).toBe('ambiguous');
});

it('one person found twice is one, a guest beside a member is no second, and an address goes before a name', async () => {
  expect(await kindOf(directoryOf([one], [one]))).toBe('one');
  expect(await kindOf(directoryOf([one], [guest]))).toBe('one');
  expect(await kindOf(directoryOf([], [one], [two]))).toBe('one');
  expect(await kindOf(directoryOf([], [guest]))).toBe('guest');
});

it('a mailbox that is busy, or an address that Graph does not take, is no reason to know nothing of the others', async () => {
  for (const probe of [429, 503, 400, 500]) expect(await kindOf(directoryOf([one], [], [], { probe }))).toBe('one');
  expect(await kindOf(directoryOf([], [], [], { probe: 404, users: 400 }))).toBe('none');
  await expect(kindOf(directoryOf([one], [], [], { users: 403 }))).rejects.toMatchObject({ failure: 'forbidden' });
});
