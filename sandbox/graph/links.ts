/** Links in answers that lead to the next page. */
import type { GraphContext } from './context.ts';
import type { GraphRequest } from './request.ts';

/** The same request for the page that begins at `skip`. */
export function pageLink(context: GraphContext, request: GraphRequest, skip: number): string {
  const query = new URLSearchParams(request.query);
  query.set('$skip', String(skip));
  const path = request.segments.map(encodeURIComponent).join('/');
  return `${context.baseUrl()}/${request.version}/${path}?${query}`;
}
