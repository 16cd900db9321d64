/** A message as an answer shows it: what `$select`, `$expand` and `Prefer` leave and add. */
import { attachmentsJson } from './attachment-view.ts';
import type { GraphContext } from './context.ts';
import { type Json, selected } from './json.ts';
import { extendedProperties, messageJson } from './message-json.ts';
import { propertiesAskedFor } from './message-search.ts';
import type { Expansion, QueryOptions } from './odata/query.ts';
import { type GraphRequest, wantsImmutableIds, wantsTextBodies } from './request.ts';
import type { MessageRow } from './rows.ts';

export function shown(context: GraphContext, request: GraphRequest, row: MessageRow, options: QueryOptions): Json {
  const json = messageJson(row, { immutableIds: wantsImmutableIds(request), textBodies: wantsTextBodies(request) });
  const expanded = options.expand.map((expansion) => expand(context, row, expansion));
  return Object.assign({}, selected(json, options.select), ...expanded);
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
