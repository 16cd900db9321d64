/**
 * Whether TeleMessage's host answers at all, asked without a credential and without a request: a connection, and over it
 * TLS with a certificate that is believed. As the feed's own client connects: by the proxy, where there is one.
 */
import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import { urlOf } from './client.ts';

export type Reach =
  /** `tls`: the protocol that was agreed on; null over plain http, which only loopback may have */
  | { readonly reached: true; readonly tls: string | null }
  | { readonly reached: false; readonly problem: 'unknown_host' | 'no_connection' | 'bad_certificate' };

/** @throws the signal's reason; SourceError where the configured address may not be used */
export function reach(baseUrl: string, signal: AbortSignal): Promise<Reach> {
  const url = urlOf(baseUrl, '/');
  const secure = url.protocol === 'https:';
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    // A request that is never sent: the agent knows the proxy (`lib/outgoing.ts`), and hands over the socket to the host itself.
    const { request } = secure ? https : http;
    const asked = request(url, { method: 'HEAD', agent: secure ? https.globalAgent : http.globalAgent });
    const end = (reached: Reach): void => {
      signal.removeEventListener('abort', abort);
      asked.destroy();
      resolve(reached);
    };
    const abort = (): void => {
      asked.destroy();
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    asked.once('socket', (socket) => {
      const met = (): void =>
        end({ reached: true, tls: socket instanceof tls.TLSSocket ? socket.getProtocol() : null });
      // Behind a proxy hands may have been shaken already: then its certificate is believed by now.
      if (socket instanceof tls.TLSSocket && !socket.authorized) socket.once('secureConnect', met);
      else if (socket.connecting) socket.once('connect', met);
      else met();
    });
    asked.on('error', (error) => end({ reached: false, problem: problemOf(error) }));
  });
}

/** Codes of Node and OpenSSL. What is neither the name's nor the certificate's fault is the connection's. */
function problemOf(error: Error): Extract<Reach, { reached: false }>['problem'] {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'unknown_host';
  return /CERT|ISSUER|SELF_SIGNED|ERR_TLS|ERR_SSL|EPROTO/.test(code) ? 'bad_certificate' : 'no_connection';
}
