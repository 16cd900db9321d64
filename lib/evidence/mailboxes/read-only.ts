/** Graph for who only looks: whatever would change a mailbox is refused here, before it leaves. */
import type { Graph } from '../../microsoft/graph.ts';

export class WriteRefusedError extends Error {
  override name = 'WriteRefusedError';
}

/** The same Graph, for reading alone. */
export function readOnly(graph: Graph): Graph {
  const refuse = async (): Promise<never> => {
    throw new WriteRefusedError('this only reads');
  };
  return {
    tenantId: graph.tenantId,
    request: (request, options) => (request.method === 'GET' ? graph.request(request, options) : refuse()),
    batch: refuse,
    upload: refuse,
  };
}
