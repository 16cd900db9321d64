/** `node sandbox/index.ts`: the sandbox cloud as a process. Ends at SIGINT and SIGTERM. */
import { SettingsError } from './settings.ts';
import { startSandbox } from './start.ts';

try {
  const sandbox = await startSandbox();
  const { urls, caPath } = sandbox;
  console.log(`sandbox cloud ready: ${urls.http}
  Entra ID     ${urls.entra}
  Graph        ${urls.graph}
  TeleMessage  ${urls.telemessage}
  trust        NODE_EXTRA_CA_CERTS=${caPath}`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      sandbox.stop().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
} catch (error) {
  console.error(sentence(error));
  process.exitCode = 1;
}

function sentence(error: unknown): string {
  if (error instanceof SettingsError) return `The sandbox cannot start.\n${error.message}`;
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' && 'port' in error) {
    return `The sandbox cannot start: port ${String(error.port)} is taken. End what uses it, or choose another by SANDBOX_HTTP_PORT, SANDBOX_ENTRA_PORT, SANDBOX_GRAPH_PORT or SANDBOX_TELEMESSAGE_PORT.`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
