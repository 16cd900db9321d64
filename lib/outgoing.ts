/**
 * The way out of this machine: straight, or where the environment names one by the proxy of HTTPS_PROXY, but for the hosts
 * of NO_PROXY. A proxy resolves names by itself: what a name stands for is then its matter and not ours.
 *
 * Azure's clients (storage, Key Vault, managed identity) read the same two variables themselves.
 */
import { setGlobalProxyFromEnv } from 'node:http';
import type { LookupFunction } from 'node:net';
import { type Dispatcher, EnvHttpProxyAgent } from 'undici';

export interface Way {
  readonly connections: number;
  readonly keepAliveTimeout: number;
  readonly connect: {
    /** milliseconds, to the host or to the proxy */
    readonly timeout: number;
    /** how names are resolved where no proxy does it */
    readonly lookup?: LookupFunction;
  };
}

/** A pool of connections for requests by undici. Plain http, which only loopback may have, goes through no proxy. */
export function outgoing(way: Way): Dispatcher {
  const { timeout } = way.connect;
  return new EnvHttpProxyAgent({
    connections: way.connections,
    pipelining: 1,
    keepAliveTimeout: way.keepAliveTimeout,
    connect: { ...way.connect },
    httpProxy: '',
    proxyTls: { timeout },
    requestTls: { timeout },
  });
}

/** What Node sends by itself goes the same way: sign-in asks Entra ID by `https`. Once, before the first request. */
export function sendByProxy(environment: Readonly<NodeJS.ProcessEnv>): void {
  const { NODE_ENV, https_proxy, HTTPS_PROXY, no_proxy, NO_PROXY } = environment;
  const proxy = https_proxy || HTTPS_PROXY;
  if (proxy) setGlobalProxyFromEnv({ NODE_ENV, https_proxy: proxy, no_proxy: no_proxy || NO_PROXY });
}
