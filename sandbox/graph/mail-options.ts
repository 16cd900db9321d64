/** Query options of the routes of mail, checked before anything is read. */
import { errors } from './errors.ts';
import { checkedOptions, type EntityType } from './odata/entity.ts';
import { type QueryOptions, queryOptions } from './odata/query.ts';
import type { GraphRequest } from './request.ts';

/** @throws {GraphError} 400 */
export function mailOptions(request: GraphRequest, entity: EntityType, maxTop: number): QueryOptions {
  const options = queryOptions(request.query, { maxTop });
  if (options.skipToken !== undefined) throw errors.unreadablePage();
  return checkedOptions(options, entity);
}
