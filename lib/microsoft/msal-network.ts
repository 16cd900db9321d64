/** msal-node's requests over our transport: its own client has no time-out for a POST and its own connection pool. */
import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from '@azure/msal-node';
import type { Transport, WireAnswer } from './transport.ts';

/** What kept Entra ID from giving a token. msal turns these into errors of its own that no longer say so. */
export interface Outage {
  readonly kind: 'throttled' | 'unreachable' | 'tenant_unknown';
  readonly message: string;
}

/** @param observe told after every request: what it met, null for none */
export function msalNetwork(transport: Transport, observe: (outage: Outage | null) => void): INetworkModule {
  async function send<T>(
    method: 'GET' | 'POST',
    url: string,
    options: NetworkRequestOptions | undefined,
  ): Promise<NetworkResponse<T>> {
    let answer: WireAnswer;
    try {
      answer = await transport(url, { method, headers: options?.headers ?? {}, body: options?.body });
    } catch (error) {
      observe({ kind: 'unreachable', message: error instanceof Error ? error.message : 'Entra ID cannot be reached' });
      throw error;
    }
    observe(outageOf(method, answer));
    // msal checks the shape itself; its interface lets nobody else do so.
    const body: T = JSON.parse(answer.text);
    return { status: answer.status, headers: { ...answer.headers }, body };
  }
  return {
    sendGetRequestAsync: (url, options) => send('GET', url, options),
    sendPostRequestAsync: (url, options) => send('POST', url, options),
  };
}

function outageOf(method: 'GET' | 'POST', { status }: WireAnswer): Outage | null {
  if (status === 429) return { kind: 'throttled', message: 'Entra ID asks us to wait' };
  // The only thing that is fetched is the tenant's description.
  if (method === 'GET' && status >= 400 && status < 500) {
    return { kind: 'tenant_unknown', message: `Entra ID does not know this tenant (HTTP ${status})` };
  }
  return status >= 500 ? { kind: 'unreachable', message: `Entra ID is not ready (HTTP ${status})` } : null;
}
