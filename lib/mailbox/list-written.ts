/**
 * What was written into mailboxes since a time, whoever wrote it by whatever mapping: found by the beginning that the named
 * property of all copies of one account has (Graph takes `startswith` on the value of a string-typed extended property).
 */
import { z } from 'zod';
import type { Graph } from '../microsoft/graph.ts';
import { bodyOf, errorOfAnswer, errorOfUnreadableAnswer, type GraphError } from '../microsoft/graph-errors.ts';
import { quoted } from '../microsoft/odata.ts';
import { type ReadSettings, readInBatches } from '../microsoft/read-in-batches.ts';
import { pageAfter } from './look-up.ts';

/** Copies a page: twenty pages are one answer. */
const TOP = 200;

const pageSchema = z.object({
  value: z.array(
    z.object({
      id: z.string().min(1),
      singleValueExtendedProperties: z.array(z.object({ value: z.string() })).optional(),
    }),
  ),
  '@odata.nextLink': z.string().optional(),
});

/** The named property of an account's copies, and how its values begin. */
export interface AccountProperty {
  /** as Graph writes it: `String {GUID} Name AndroidArchiverItemId` */
  readonly id: string;
  readonly prefix: string;
}

export interface WrittenCopy {
  readonly messageId: string;
  /** the item's property value */
  readonly value: string;
}

/** A page of a mailbox, or why it has none. */
export type ListedPage =
  | { readonly userId: string; readonly copies: readonly WrittenCopy[]; readonly isLast: boolean }
  | { readonly userId: string; readonly error: GraphError };

/**
 * The account's copies in some mailboxes that were written, or changed, since a time, page by page. `lastModifiedDateTime` and
 * not the time of creation: a message that a person moved keeps neither certainly, and is never older than it was made.
 *
 * @param since by Exchange's clock; null: all of them
 * @throws GraphError where Graph as a whole cannot be asked; AppTokenError
 */
export async function* listWritten(
  graph: Graph,
  userIds: readonly string[],
  { id, prefix }: AccountProperty,
  since: Date | null,
  settings: ReadSettings = {},
): AsyncGenerator<ListedPage> {
  const ofAccount = `singleValueExtendedProperties/Any(ep: ep/id eq ${quoted(id)} and startswith(ep/value,${quoted(prefix)}))`;
  const filter = since === null ? ofAccount : `lastModifiedDateTime ge ${since.toISOString()} and ${ofAccount}`;
  const expand = `singleValueExtendedProperties($filter=id eq ${quoted(id)})`;
  const query = `$select=id&$top=${TOP}&$expand=${encodeURIComponent(expand)}&$filter=${encodeURIComponent(filter)}`;
  let open = userIds.map((userId) => ({ userId, page: '' }));
  while (open.length > 0) {
    const urls = open.map(({ userId, page }) => `/users/${userId}/messages?${query}${page}`);
    const answers = await readInBatches(graph, urls, { ...settings, lasting: 'answer' });
    const further: typeof open = [];
    for (const [index, { userId }] of open.entries()) {
      const answer = answers[index];
      if (!answer) continue;
      const error = errorOfAnswer(answer, 'GET', new Date());
      if (error) {
        yield { userId, error };
        continue;
      }
      const { value, '@odata.nextLink': next } = bodyOf(answer, pageSchema);
      const page = pageAfter(next);
      if (page === undefined) throw errorOfUnreadableAnswer(answer.status, 'GET');
      if (page !== null) further.push({ userId, page });
      const copies = value.flatMap(({ id: messageId, singleValueExtendedProperties: [property] = [] }) =>
        property ? [{ messageId, value: property.value }] : [],
      );
      yield { userId, copies, isLast: page === null };
    }
    open = further;
  }
}
