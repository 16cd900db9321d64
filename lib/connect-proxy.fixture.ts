/** For tests: a proxy on this machine that tunnels (CONNECT), whatever name is asked for, to a port of this machine. */
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

export interface ConnectProxy {
  readonly url: string;
  /** host:port of each tunnel that was asked for */
  readonly tunnels: string[];
  stop(): void;
}

/** @param ports where a host:port leads that is not on the port of its name */
export async function startConnectProxy(ports: Readonly<Record<string, number>> = {}): Promise<ConnectProxy> {
  const tunnels: string[] = [];
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on('connect', (request, client) => {
    const asked = request.url ?? '';
    tunnels.push(asked);
    const host = connect(ports[asked] ?? Number(asked.split(':').at(-1)), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      host.pipe(client).pipe(host);
    });
    host.on('error', () => client.destroy());
    client.on('error', () => host.destroy());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    tunnels,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

const OF_NETWORK = /^(?:https?_proxy|no_proxy|all_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|NODE_OPTIONS)$/i;

/** This process's environment, without what this machine itself says of proxies and authorities. */
export function environmentOfProbe(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !OF_NETWORK.test(name));
  return { NODE_ENV: 'test', ...Object.fromEntries(kept) };
}
