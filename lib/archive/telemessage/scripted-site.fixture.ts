/** An archive site that answers as a test tells it to: for what an honest one never does. Loopback only. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface ScriptedSite {
  readonly baseUrl: string;
  /** `METHOD /path` of every request, in order */
  readonly requests: readonly string[];
  stop(): Promise<void>;
}

/** @param answer is called for everything but sign-ins, which succeed unless `signIn` answers them */
export async function scriptedSite(
  answer: (request: IncomingMessage, response: ServerResponse, time: number) => void,
  signIn?: (response: ServerResponse, time: number) => void,
): Promise<ScriptedSite> {
  const requests: string[] = [];
  const times = { session: 0, other: 0 };
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (request.url === '/v1/sessions') {
      times.session += 1;
      if (signIn !== undefined) signIn(response, times.session);
      else
        json(response, 201, { token: `token-${times.session}`, expiresIn: 1800, account: { id: 'TM-1', name: 'One' } });
      return;
    }
    times.other += 1;
    answer(request, response, times.other);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the site has no port');
  return {
    baseUrl: `http://127.0.0.1:${address.port}`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
