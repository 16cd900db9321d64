/** Called by Next: once when the server starts, before the first request, and for every request that fails on it. */
import type { Instrumentation } from 'next';

export async function register(): Promise<void> {
  const { startPortal } = await import('#lib/start-portal.ts');
  await startPortal();
}

/** The digest is the reference that the page shows. */
export const onRequestError: Instrumentation.onRequestError = async (error, request, context) => {
  const { log } = await import('#lib/log.ts');
  const reference = error instanceof Error && 'digest' in error ? error.digest : undefined;
  const path = request.path.split('?')[0];
  log().error({ reference, path, route: context.routePath, kind: context.routeType, err: error }, 'a request failed');
};
