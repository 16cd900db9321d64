/** A message as an answer shows it: what `$select`, `$expand` and `Prefer` leave and add. */
import { attachmentsJson } from './attachment-view.ts';
import type { GraphContext } from './context.ts';
import { type Json, selected } from './json.ts';
import { extendedProperties, messageJson } from './message-json.ts';
import { propertiesAskedFor } from './message-search.ts';
import type { Expansion, QueryOptions } from './odata/query.ts';
import { type GraphRequest, wantsImmutableIds, wantsTextBodies } from './request.ts';
import type { MessageRow } from './rows.ts';

/** @param entity `@odata.context`, where the message is an answer by itself */
export function shown(
  context: GraphContext,
  request: GraphRequest,
  row: MessageRow,
  options: QueryOptions,
  entity?: string,
): Json {
  const json = messageJson(row, {
    immutableIds: wantsImmutableIds(request),
    textBodies: wantsTextBodies(request),
    context: entity,
    select: options.select,
  });
  for (const expansion of options.expand) Object.assign(json, expand(context, row, expansion));
  return json;
}

/** What an expansion adds. Properties that a message has not are left away, the list with them when it is empty. */
function expand(context: GraphContext, row: MessageRow, expansion: Expansion): Json {
  const { name, filter, select } = expansion;
  if (name === 'attachments') return { attachments: attachmentsJson(context, row.seq, expansion) };
  const all = { singleValueExtendedProperties: extendedProperties, multiValueExtendedProperties: multiValues };
  if (!filter || (name !== 'singleValueExtendedProperties' && name !== 'multiValueExtendedProperties')) return {};
  const wanted = new Set(propertiesAskedFor(filter));
  const found = all[name](row).filter(({ id }) => wanted.has(id));
  return found.length > 0 ? { [name]: found.map((property) => selected({ ...property }, select)) } : {};
}

function multiValues(row: MessageRow): readonly { readonly id: string; readonly value: readonly string[] }[] {
  return row.fields.multiValues ?? [];
}
