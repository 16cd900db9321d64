import { expect, it } from 'vitest';
import type { Graph } from './graph.ts';
import { GraphError } from './graph-errors.ts';
import { membersBeginning } from './members-beginning.ts';

function directoryOf(status: number, body: unknown, asked: string[] = []): Graph {
  return {
    batch: async (requests: readonly { readonly url: string }[]) =>
      requests.map(({ url }) => {
        asked.push(decodeURIComponent(url));
        return { status, headers: {}, body };
      }),
  } as unknown as Graph;
}

it('names and addresses of members, guests left out; where the directory shows no name, the address', async () => {
  const value = [
    { displayName: 'Ben Carter', userPrincipalName: 'ben@company.com', mail: 'Ben.Carter@company.com' },
    { displayName: 'Elif', userPrincipalName: 'elif_x#EXT#@company.com', userType: 'Guest' },
    { displayName: null, userPrincipalName: 'desk@company.com', mail: null },
  ];
  expect(await membersBeginning(directoryOf(200, { value }), 'be', 8)).toEqual([
    { name: 'Ben Carter', address: 'Ben.Carter@company.com' },
    { name: 'desk@company.com', address: 'desk@company.com' },
  ]);
});

it('guests who come first hide no member, and no more are given than asked for', async () => {
  const guest = (index: number) => ({ userPrincipalName: `guest${index}#EXT#@company.com`, userType: 'Guest' });
  const member = (index: number) => ({ userPrincipalName: `member${index}@company.com`, userType: 'Member' });
  const value = [...Array.from({ length: 8 }, (_, index) => guest(index)), member(1), member(2), member(3)];
  const found = await membersBeginning(directoryOf(200, { value }), 'me', 2);
  expect(found.map(({ address }) => address)).toEqual(['member1@company.com', 'member2@company.com']);
});

it('a quote in what is typed ends no filter, and guests are allowed for', async () => {
  const asked: string[] = [];
  await membersBeginning(directoryOf(200, { value: [] }, asked), "O'N", 8);
  expect(asked[0]).toContain("startswith(surname,'O''N')");
  expect(asked[0]).toContain('$top=40');
});

it('a directory that refuses is no directory without people', async () => {
  const refused = directoryOf(403, { error: { code: 'Authorization_RequestDenied', message: 'x' } });
  await expect(membersBeginning(refused, 'ben', 8)).rejects.toBeInstanceOf(GraphError);
});
