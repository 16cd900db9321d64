import { expect, it } from 'vitest';
import type { BatchAnswer, Graph } from '../microsoft/graph.ts';
import { type ListedPage, listWritten } from './list-written.ts';

const PROPERTY = { id: 'String {GUID} Name Item', prefix: "it's." };

/** Answers by the path and what of the query says which page it is. */
function graphOf(answers: Readonly<Record<string, Pick<BatchAnswer, 'status' | 'body'>>>, asked: string[] = []): Graph {
  const refuse = () => Promise.reject(new Error('not asked'));
  return {
    tenantId: 'tenant',
    request: refuse,
    upload: refuse,
    batch: async (requests) =>
      requests.map(({ id, url }) => {
        asked.push(decodeURIComponent(url));
        const key = `${url.split('/')[2]}${/\$skip=\d+/.exec(url)?.[0] ?? ''}`;
        return { id, headers: {}, ...(answers[key] ?? { status: 500, body: null }) };
      }),
  };
}

const message = (id: string) => ({ id, singleValueExtendedProperties: [{ id: PROPERTY.id, value: `it's.${id}` }] });
const next = (skip: number) => `https://graph.example/v1.0/users/x/messages?$top=1&$skip=${skip}`;

async function pagesOf(graph: Graph, userIds: string[], since: Date | null): Promise<ListedPage[]> {
  const pages: ListedPage[] = [];
  for await (const page of listWritten(graph, userIds, PROPERTY, since)) pages.push(page);
  return pages;
}

it('lists every page of every mailbox, an empty one with more to come too, and says which cannot be', async () => {
  const asked: string[] = [];
  const graph = graphOf(
    {
      anna: { status: 200, body: { value: [message('1')], '@odata.nextLink': next(1) } },
      'anna$skip=1': { status: 200, body: { value: [], '@odata.nextLink': next(2) } },
      'anna$skip=2': { status: 200, body: { value: [message('2')] } },
      bruno: { status: 200, body: { value: [{ id: '3' }] } },
      gone: { status: 404, body: { error: { code: 'MailboxNotEnabledForRESTAPI', message: '' } } },
    },
    asked,
  );
  expect(await pagesOf(graph, ['anna', 'bruno', 'gone'], new Date('2026-11-27T06:00:00Z'))).toEqual([
    { userId: 'anna', copies: [{ messageId: '1', value: "it's.1" }], isLast: false },
    { userId: 'bruno', copies: [], isLast: true },
    { userId: 'gone', error: expect.objectContaining({ failure: 'no_mailbox' }) },
    { userId: 'anna', copies: [], isLast: false },
    { userId: 'anna', copies: [{ messageId: '2', value: "it's.2" }], isLast: true },
  ]);
  expect(asked[0]).toContain(
    "lastModifiedDateTime ge 2026-11-27T06:00:00.000Z and singleValueExtendedProperties/Any(ep: ep/id eq 'String {GUID} Name Item' and startswith(ep/value,'it''s.'))",
  );
});

it('lists all that there is where nobody can say since when', async () => {
  const asked: string[] = [];
  await pagesOf(graphOf({ anna: { status: 200, body: { value: [] } } }, asked), ['anna'], null);
  expect(asked[0]).not.toContain('lastModifiedDateTime');
});

it('refuses a link to a next page that is none', async () => {
  const graph = graphOf({ anna: { status: 200, body: { value: [], '@odata.nextLink': 'nowhere' } } });
  await expect(pagesOf(graph, ['anna'], null)).rejects.toThrow();
});
