/**
 * Whether TeleMessage's host answers at all, asked without a credential and without a request: a connection, and over it
 * TLS with a certificate that is believed. As the feed's own client connects: by the proxy, where there is one.
 */
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import { urlOf } from './client.ts';

export type Reach =
  /** `tls`: the protocol that was agreed on; null over plain http, which only loopback may have */
  | { readonly reached: true; readonly tls: string | null }
  | { readonly reached: false; readonly problem: 'unknown_host' | 'no_connection' | 'bad_certificate' };

/** @throws the signal's reason; SourceError where the configured address may not be used */
export function reach(baseUrl: string, signal: AbortSignal): Promise<Reach> {
  const url = urlOf(baseUrl, '/');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const servername = net.isIP(host) === 0 ? { servername: host } : {};
    // Node's own agent knows the proxy (`lib/outgoing.ts`): then what it returns is the way there, TLS comes after it, and it
    // calls back. Where it goes straight it returns TLS itself and calls nobody. A proxy may speak TLS, too: that is not its host.
    let isTheHost = false;
    const checkServerIdentity: typeof tls.checkServerIdentity = (name, certificate) => {
      isTheHost = true;
      return tls.checkServerIdentity(name, certificate);
    };
    const socket = secure
      ? https.globalAgent.createConnection({ host, port, ...servername, checkServerIdentity }, (error, over) =>
          met(error, over),
        )
      : net.connect({ host, port }, () => met(null, undefined));
    const abort = (): void => {
      socket?.destroy();
      reject(signal.reason);
    };
    const end = (reached: Reach): void => {
      signal.removeEventListener('abort', abort);
      resolve(reached);
    };
    const met = (error: Error | null | undefined, over: unknown): void => {
      const own = over instanceof net.Socket ? over : socket;
      if (error) end({ reached: false, problem: problemOf(error) });
      else end({ reached: true, tls: own instanceof tls.TLSSocket ? own.getProtocol() : null });
      // The outer one takes the inner one with it. Node 24 crashes where the inner one is destroyed under it.
      own?.destroy();
    };
    signal.addEventListener('abort', abort, { once: true });
    socket?.once('secureConnect', () => isTheHost && met(null, socket));
    socket?.once('error', (error) => end({ reached: false, problem: problemOf(error) }));
  });
}

/** Codes of Node and OpenSSL. What is neither the name's nor the certificate's fault is the connection's. */
function problemOf(error: Error): Extract<Reach, { reached: false }>['problem'] {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'unknown_host';
  return /CERT|ISSUER|SELF_SIGNED|ERR_TLS|ERR_SSL|EPROTO/.test(code) ? 'bad_certificate' : 'no_connection';
}
