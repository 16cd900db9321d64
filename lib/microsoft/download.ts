/** An answer of Graph as a stream: for what may be larger than this process should hold. */
import { randomUUID } from 'node:crypto';
import type { CallOptions, GraphSettings } from './graph.ts';
import { errorOfAnswer, errorWithoutAnswer } from './graph-errors.ts';
import { NoAnswer, NotSent, type Sink } from './transport.ts';

/**
 * Reads `url` (path and query below the version, encoded) into `sink`, which may have got a part of it when this throws.
 *
 * @throws GraphError for every status of 400 and more and for an answer that broke off; AppTokenError; what `sink` throws
 */
export type Download = (url: string, sink: Sink, options?: CallOptions) => Promise<void>;

/** Reads as the application does everything else: its token, immutable ids, once more with a new token after a 401. */
export function createDownload({ hosts, tokens, tenantId, transport, version = 'v1.0' }: GraphSettings): Download {
  return async (url, sink, { signal, notAfter, beforeSending } = {}) => {
    const once = async (fresh: boolean) => {
      const { accessToken } = await tokens.token(tenantId, fresh ? { fresh } : {});
      beforeSending?.();
      const headers = {
        authorization: `Bearer ${accessToken}`,
        prefer: 'IdType="ImmutableId"',
        'client-request-id': randomUUID(),
      };
      const request = { method: 'GET', headers, signal, notAfter, sink };
      return transport(`${hosts.graphUrl}/${version}${url}`, request).catch((error: unknown) => {
        if (!(error instanceof NotSent || error instanceof NoAnswer)) throw error;
        throw errorWithoutAnswer(error.message, 'GET', error instanceof NoAnswer);
      });
    };
    let answer = await once(false);
    if (answer.status === 401) answer = await once(true);
    const { status, headers, text } = answer;
    const error = errorOfAnswer({ status, headers, body: parsed(text) }, 'GET', new Date());
    if (error !== null) throw error;
  };
}

function parsed(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
