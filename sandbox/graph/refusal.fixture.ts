/** For tests: how Microsoft's client for Graph was refused, or `accepted`. */
import type { GraphError } from '@microsoft/microsoft-graph-client';

/** The status and the code. */
export const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'accepted' as const,
    ({ statusCode, code }: GraphError) => [statusCode, code],
  );

/** The status, the code and the sentence. */
export const wordedRefusal = (work: Promise<unknown>) =>
  work.then(
    () => 'accepted' as const,
    ({ statusCode, code, message }: GraphError) => [statusCode, code, message],
  );
