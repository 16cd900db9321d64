/** Spans of requests to other servers: method, host, status, and the path with every name of somebody or something left out. */
import { type SpanPlan, traced } from './tracing.ts';

/** Parts of a path that are the same for everybody: Graph's, Entra ID's, the archive feed's. */
const WORDS: ReadonlySet<string> = new Set([
  ...['v1.0', 'beta', '$batch', 'users', 'me', 'organization', 'servicePrincipals', 'roleManagement', 'exchange'],
  ...['mailFolders', 'childFolders', 'messages', 'attachments', 'createUploadSession', 'move', 'permanentDelete'],
  ...['oauth2', 'v2.0', 'token', 'discovery', 'keys', '.well-known', 'openid-configuration'],
  ...['v1', 'sessions', 'connectors', 'archives', 'items', 'manifest'],
]);

/** `/v1.0/users/{}/messages` of an address. */
export function pathTemplate(path: string): string {
  return path
    .split('/')
    .map((part) => (part === '' || WORDS.has(part) ? part : '{}'))
    .join('/');
}

export function requestSpan(method: string, { hostname, port, pathname }: URL): SpanPlan {
  const template = pathTemplate(pathname);
  return {
    name: `${method} ${template}`,
    kind: 'client',
    facts: {
      'http.request.method': method,
      'server.address': hostname,
      ...(port === '' ? {} : { 'server.port': Number(port) }),
      'url.template': template,
    },
  };
}

/** Sends a request as a span. */
export function tracedRequest<T extends { readonly statusCode: number }>(
  method: string,
  url: string | URL,
  send: () => Promise<T>,
): Promise<T> {
  return traced(requestSpan(method, new URL(url)), async (tell) => {
    const answer = await send();
    tell({ 'http.response.status_code': answer.statusCode });
    return answer;
  });
}
