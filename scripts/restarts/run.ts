/**
 * An import under which each part of an installation is restarted in turn, as an operator would: asked to end, away for some
 * seconds, started again. What readiness and metrics said meanwhile is kept, and every mailbox compared at the end.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { countOwed, readFeed } from '#lib/imports/mailboxes.fixture.ts';
import { buildPortal } from '../build.ts';
import { type Outcome, settle } from '../chaos/outcome.ts';
import { startServices } from '../chaos/services.ts';
import { buildWorld, type World } from '../chaos/world.ts';
import { portalPart, workerPart } from '../services/node-parts.ts';
import type { Part } from '../services/part.ts';
import { place } from '../services/place.ts';
import { freePort } from '../services/ports.ts';
import type { Seen } from './table.ts';
import { type Sample, type Watch, watch } from './watch.ts';

export interface RestartSettings {
  /** of this run, absolute; its caller removes it */
  readonly folder: string;
  /** where Redis is unpacked if the system has none, absolute */
  readonly tools: string;
  /** folder of the portal's build, relative to the project */
  readonly distDir: string;
  readonly itemsPerDay: number;
  readonly seed: number;
}

export interface RestartReport {
  readonly seen: readonly Seen[];
  readonly owed: number;
  readonly outcome: Outcome;
  /** what is wrong, a line each */
  readonly wrong: readonly string[];
}

/** How long a part is away: longer than the five seconds for which a worker gives the same answer to Prometheus. */
const AWAY_MS = 8_000;

interface Restart {
  readonly part: string;
  restart(): Promise<void>;
  /** what must be seen while it is away */
  isAsItShould(away: Sample): boolean;
}

const READY = 'ready';

export async function runRestarts(settings: RestartSettings, print: (line: string) => void): Promise<RestartReport> {
  const { folder, tools, distDir, itemsPerDay, seed } = settings;
  await buildPortal(distDir);
  const services = await startServices(folder, tools);
  const parts: Part[] = [];
  let world: World | undefined;
  let watching: Watch | undefined;
  try {
    world = await buildWorld(services, {
      seed,
      itemsPerDay,
      graphLatencyMs: 150,
      firstImportFrom: new Date(Date.now() - 24 * 3_600_000),
    });
    const [portalPort, ...healthPorts] = [await freePort(), await freePort(), await freePort()] as const;
    const portalUrl = `http://localhost:${portalPort}`;
    const env = { ...world.env, NEXTAUTH_URL: portalUrl, NEXT_DIST_DIR: distDir, NEXT_TELEMETRY_DISABLED: '1' };
    const home = place(folder);
    const portal = portalPart({ place: home, env, port: portalPort });
    const [first, second] = healthPorts.map((healthPort, index) =>
      workerPart({
        place: home,
        env: { ...env, WORKER_HEALTH_PORT: String(healthPort) },
        healthPort,
        name: `Worker ${index + 1}`,
      }),
    );
    if (!first || !second) throw new Error('there are two workers');
    parts.push(portal, first, second);
    const owed = await owedIn(world);
    await Promise.all(parts.map((part) => part.start()));
    watching = await watch(
      portalUrl,
      healthPorts.map((port) => `http://127.0.0.1:${port}`),
    );

    const restarts: readonly Restart[] = [
      {
        part: 'portal',
        restart: () => again(portal),
        isAsItShould: (away) => away.portal === null && workersReady(away),
      },
      {
        part: 'worker 1',
        restart: () => again(first),
        isAsItShould: ({ portal, workers: [one, two] }) => portal === READY && one === null && two === READY,
      },
      {
        part: 'Redis',
        restart: () => services.crash('redis', 'SIGTERM', AWAY_MS),
        // Pages are served without it.
        isAsItShould: (away) => away.portal === READY && away.workers.every(isUnready) && away.standing === false,
      },
      {
        part: 'PostgreSQL',
        // "fast shutdown": sessions end, what was committed is on disk.
        restart: () => services.crash('postgres', 'SIGINT', AWAY_MS),
        isAsItShould: (away) => isUnready(away.portal) && away.workers.every(isUnready) && away.standing === false,
      },
    ];
    const seen: Seen[] = [];
    const wrong: string[] = [];
    for (const [index, { part, restart, isAsItShould }] of restarts.entries()) {
      const wanted = (owed * (index + 1)) / (restarts.length + 2);
      const before = await watching.until((sample) => sample.imported >= wanted && isReady(sample), `${wanted} copies`);
      print(`${part} is asked to end, ${before.imported} of ${owed} copies imported`);
      const from = watching.samples.length;
      await restart();
      const away = watching.samples.slice(from).findLast(isAsItShould);
      if (!away) wrong.push(`${part}: it was not seen from outside that it was away`);
      const after = await watching.until(isReady, `all is ready after ${part}`);
      seen.push({ part, before, away: away ?? after, after });
      if (before.imported >= owed) wrong.push(`${part}: the import was over before, so nothing was shown`);
    }
    await watching.until(
      ({ imported }) => imported > (seen.at(-1)?.after.imported ?? 0),
      'copies after the last restart',
    );
    const outcome = await settle(world, []);
    return { seen, owed, outcome, wrong: [...wrong, ...outcome.wrong] };
  } finally {
    await watching?.stop();
    await Promise.all(parts.map((part) => part.stop()));
    await world?.end();
    await services.stop();
  }
}

const isUnready = (said: string | null): boolean => said !== null && said !== READY;
const workersReady = ({ workers }: Sample): boolean => workers.every((said) => said === READY);
const isReady = (sample: Sample): boolean =>
  sample.portal === READY && workersReady(sample) && sample.standing === true;

async function again(part: Part): Promise<void> {
  await part.stop();
  await sleep(AWAY_MS);
  await part.start();
}

async function owedIn({ clients, atLeast }: World): Promise<number> {
  return countOwed(await readFeed(clients.source, [atLeast]));
}
