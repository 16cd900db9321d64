/** Called by Next for every request that fails on the server: the digest is the reference that the page shows. */
import type { Instrumentation } from 'next';

export const onRequestError: Instrumentation.onRequestError = async (error, request, context) => {
  const { log } = await import('#lib/log.ts');
  const reference = error instanceof Error && 'digest' in error ? error.digest : undefined;
  const path = request.path.split('?')[0];
  log().error({ reference, path, route: context.routePath, kind: context.routeType, err: error }, 'a request failed');
};
