/**
 * Whether TeleMessage's host answers at all, asked without a credential and without a request: a connection, and over it
 * TLS with a certificate that is believed. As the feed's own client connects: straight, through no proxy.
 */
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
    const socket = secure ? tls.connect({ host, port, ...servername }) : net.connect({ host, port });
    const abort = (): void => {
      socket.destroy();
      reject(signal.reason);
    };
    const end = (reached: Reach): void => {
      signal.removeEventListener('abort', abort);
      socket.destroy();
      resolve(reached);
    };
    signal.addEventListener('abort', abort, { once: true });
    socket.once(secure ? 'secureConnect' : 'connect', () =>
      end({ reached: true, tls: socket instanceof tls.TLSSocket ? socket.getProtocol() : null }),
    );
    socket.once('error', (error) => end({ reached: false, problem: problemOf(error) }));
  });
}

/** Codes of Node and OpenSSL. What is neither the name's nor the certificate's fault is the connection's. */
function problemOf(error: Error): Extract<Reach, { reached: false }>['problem'] {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'unknown_host';
  return /CERT|ISSUER|SELF_SIGNED|ERR_TLS|ERR_SSL|EPROTO/.test(code) ? 'bad_certificate' : 'no_connection';
}
