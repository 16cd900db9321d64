import { expect, it } from 'vitest';
import type { Graph } from './graph.ts';
import { membersByName } from './members-by-name.ts';

interface User {
  readonly userPrincipalName: string;
  readonly mail?: string | null;
  readonly userType?: string;
}

/** Knows people by display name; a number is the status of its answer. */
function directoryOf(people: Readonly<Record<string, readonly User[] | number>>, asked: string[] = []): Graph {
  return {
    batch: async (requests: readonly { readonly url: string }[]) =>
      requests.map(({ url }) => {
        asked.push(url);
        const [, name = ''] = /displayName eq '(.*)'/.exec(decodeURIComponent(url)) ?? [];
        const found = people[name] ?? [];
        return typeof found === 'number'
          ? { status: found, headers: {}, body: { error: { code: 'x', message: 'x' } } }
          : { status: 200, headers: {}, body: { value: found } };
      }),
  } as unknown as Graph;
}

const ben = { userPrincipalName: 'ben@company.com', mail: 'Ben.Carter@company.com' };

it('suggests the one member of a name, by their mail, and nobody where there are two, a guest or none', async () => {
  const graph = directoryOf({
    'Ben Carter': [ben],
    'John Smith': [{ userPrincipalName: 'john1@company.com' }, { userPrincipalName: 'john2@company.com' }],
    'Elif Demir': [{ userPrincipalName: 'elif_x#EXT#@company.com', userType: 'Guest' }],
    'No Mail': [{ userPrincipalName: 'no.mail@company.com', mail: null }],
    'Too Odd': 400,
  });
  const names = ['Ben Carter', 'John Smith', 'Elif Demir', 'No Mail', 'Nobody', 'Too Odd'];
  expect([...(await membersByName(graph, names))]).toEqual([
    ['Ben Carter', 'Ben.Carter@company.com'],
    ['No Mail', 'no.mail@company.com'],
  ]);
});

it('asks a name once, and a quote in it ends no filter', async () => {
  const asked: string[] = [];
  await membersByName(directoryOf({}, asked), ["Tim O'Neil", "Tim O'Neil"]);
  expect(asked).toHaveLength(1);
  expect(decodeURIComponent(asked[0] ?? '')).toContain("displayName eq 'Tim O''Neil'");
});
