/** msal-node's requests over our transport: its own client has no time-out for a POST and its own connection pool. */
import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from '@azure/msal-node';
import type { Transport } from './transport.ts';

export function msalNetwork(transport: Transport): INetworkModule {
  async function send<T>(
    method: 'GET' | 'POST',
    url: string,
    options: NetworkRequestOptions | undefined,
  ): Promise<NetworkResponse<T>> {
    const answer = await transport(url, { method, headers: options?.headers ?? {}, body: options?.body });
    // msal checks the shape itself; its interface lets nobody else do so.
    const body: T = JSON.parse(answer.text);
    return { status: answer.status, headers: { ...answer.headers }, body };
  }
  return {
    sendGetRequestAsync: (url, options) => send('GET', url, options),
    sendPostRequestAsync: (url, options) => send('POST', url, options),
  };
}
