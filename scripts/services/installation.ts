/**
 * The whole installation on this machine, from the database to the worker: what `npm run demo` shows and what the
 * browser tests test. Parts that others need start first and stop last.
 */
import { migrate } from '../migrations/migrate.ts';
import { APP_ROLE, grantRights } from '../migrations/rights.ts';
import { azuriteConnectionString, azuritePart } from './azurite.ts';
import { type ProductAddresses, productEnvironment, sandboxAddresses, sandboxEnvironment } from './environment.ts';
import { portalPart, sandboxPart, workerPart } from './node-parts.ts';
import type { Part } from './part.ts';
import type { Place } from './place.ts';
import type { Ports } from './ports.ts';
import { ensureDatabase, ensureLogin, postgresPart, postgresUrl } from './postgres.ts';
import { redisPart, redisUrl } from './redis.ts';
import type { Secrets } from './secrets.ts';

export interface InstallationPlan {
  readonly place: Place;
  readonly ports: Ports;
  readonly secrets: Secrets;
  /** for tests: nothing outlives the run */
  readonly volatile?: boolean;
  /** folder of the portal's build, relative to the project */
  readonly distDir: string;
  /** laid over everything, for tests that need other settings */
  readonly extraEnvironment?: Readonly<Record<string, string>>;
}

/** Hears of each step. `begin` is called once before its work, `done` when it succeeded. */
export interface StepListener {
  begin(step: string): void;
  done(step: string, detail?: string): void;
}

export interface Installation {
  readonly addresses: ProductAddresses & {
    /** the database as its owner, who migrates; portal and workers have a login that may do less */
    readonly ownerDatabase: string;
  };
  /** the environment of portal and worker, for a script that uses lib/ beside them */
  readonly environment: Readonly<Record<string, string>>;
  /** @throws PartError, MigrationError or NewerSchemaError; what had started keeps running until `stop` */
  start(listener: StepListener): Promise<void>;
  /** Stops everything in order. Never throws; may be called at any time, also twice. */
  stop(): Promise<void>;
  onUnexpectedExit(listener: (description: string) => void): void;
}

const DATABASE = 'portal';
const LOGIN = 'portal';

export function installation(plan: InstallationPlan): Installation {
  const { place, ports, secrets, volatile = false } = plan;
  const tlsFolder = place.data('tls');
  const addresses: Installation['addresses'] = {
    database: postgresUrl(ports.postgres, secrets.appDatabasePassword, DATABASE, LOGIN),
    ownerDatabase: postgresUrl(ports.postgres, secrets.databasePassword, DATABASE),
    redis: redisUrl(ports.redis, secrets.redisPassword),
    blob: azuriteConnectionString(ports.blob),
    portal: `http://localhost:${ports.portal}`,
    workerHealthPort: ports.workerHealth,
    sandbox: sandboxAddresses(ports, tlsFolder),
  };
  const environment = {
    ...productEnvironment(addresses, secrets),
    NEXT_DIST_DIR: plan.distDir,
    NEXT_TELEMETRY_DISABLED: '1',
    ...plan.extraEnvironment,
  };
  const sandboxSettings = {
    ...sandboxEnvironment(ports, volatile ? 'memory' : place.data('sandbox'), tlsFolder),
    ...plan.extraEnvironment,
  };
  const sandboxPorts = [
    ports.sandboxHttp,
    ports.sandboxEntra,
    ports.sandboxGraph,
    ports.sandboxTelemessage,
    ports.sandboxSmtp,
    ports.sandboxHooks,
  ];

  const stores = [
    {
      part: postgresPart({ place, port: ports.postgres, password: secrets.databasePassword, volatile }),
      port: ports.postgres,
    },
    { part: redisPart({ place, port: ports.redis, password: secrets.redisPassword, volatile }), port: ports.redis },
    { part: azuritePart({ place, port: ports.blob, volatile }), port: ports.blob },
  ];
  const sandbox = sandboxPart({ place, env: sandboxSettings, ports: sandboxPorts });
  const portal = portalPart({ place, env: environment, port: ports.portal });
  const worker = workerPart({ place, env: environment, healthPort: ports.workerHealth });

  let stopped = false;

  async function startPart(listener: StepListener, part: Part, detail: string): Promise<void> {
    if (stopped) return;
    listener.begin(part.name);
    await part.start();
    listener.done(part.name, detail);
  }

  async function start(listener: StepListener): Promise<void> {
    await all([
      ...stores.map(({ part, port }) => startPart(listener, part, `127.0.0.1:${port}`)),
      startPart(listener, sandbox, addresses.sandbox.http),
    ]);
    listener.begin('Database schema');
    await ensureDatabase(ports.postgres, secrets.databasePassword, DATABASE);
    const applied = await migrate(addresses.ownerDatabase);
    await grantRights(addresses.ownerDatabase);
    await ensureLogin(addresses.ownerDatabase, {
      name: LOGIN,
      password: secrets.appDatabasePassword,
      memberOf: APP_ROLE,
    });
    listener.done('Database schema', applied.length === 0 ? 'up to date' : `${applied.length} migrations applied`);
    await all([startPart(listener, portal, addresses.portal), startPart(listener, worker, 'ready for imports')]);
  }

  async function stop(): Promise<void> {
    stopped = true;
    for (const group of [[portal, worker], [sandbox], stores.map(({ part }) => part)]) {
      await Promise.all(group.map((part) => part.stop()));
    }
  }

  return {
    addresses,
    environment,
    start,
    stop,
    onUnexpectedExit: (listener) => {
      for (const part of [...stores.map((store) => store.part), sandbox, portal, worker])
        part.onUnexpectedExit(listener);
    },
  };
}

/** Waits for all, also when one fails, so that nothing is still starting when the caller begins to stop. */
async function all(work: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(work);
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure) throw failure.reason;
}
