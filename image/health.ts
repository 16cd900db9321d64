/** The image's health check: asks the portal, or where it is a worker, the worker, whether it is alive. */
import { env } from 'node:process';

const PATIENCE_MS = 4_000;
const addresses = [
  `http://127.0.0.1:${env.PORT || 3000}/api/health/live`,
  `http://127.0.0.1:${env.WORKER_HEALTH_PORT || 3001}/health/live`,
];

const answers = await Promise.allSettled(
  addresses.map(async (address) => {
    const answer = await fetch(address, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
  }),
);
process.exitCode = answers.some(({ status }) => status === 'fulfilled') ? 0 : 1;
