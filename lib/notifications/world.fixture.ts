/** For tests: an organization with a connector, a mail server and a receiver of webhooks, and rounds over it. */
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { testDatabase } from '#testing/services.ts';
import { type SeededConnector, seedConnector, seededActor, seedOrganization } from '../connectors/rows.fixture.ts';
import { type Database, openDatabase } from '../db.ts';
import { parseKeyRing } from '../security/keyring.ts';
import { createMailer } from './mail.ts';
import { type OutsideWorld, outsideOfTest } from './outside.fixture.ts';
import { type NotificationDeps, tellPeople } from './run.ts';
import { type NotificationParts, notificationSettings, type SetNotices, setNotices } from './settings.ts';
import { createWeb } from './web.ts';

export const SMTP = {
  SMTP_HOST: 'localhost',
  SMTP_SECURITY: 'starttls',
  SMTP_USER: undefined,
  SMTP_PASSWORD: undefined,
  SMTP_FROM: 'portal@x.example',
} as const;

export const NEVER = new AbortController().signal;

/** What a test begins with; new for each. */
export class World {
  database!: Database;
  outside!: OutsideWorld;
  organizationId!: string;
  /** live, and named `Sales` */
  connector!: SeededConnector;
  now = new Date('2026-11-26T09:00:00Z');
  appEnds: Date | null = null;
}

const KEY_RING = parseKeyRing(`test:${randomBytes(32).toString('base64')}`);

/** A world of its own for each test of the file. */
export function notificationWorld(): World {
  const world = new World();
  beforeAll(async () => {
    world.database = openDatabase(await testDatabase());
    world.outside = await outsideOfTest();
  });
  afterAll(async () => {
    await world.outside.stop();
    await world.database.prisma.$disconnect();
    await world.database.pool.end();
  });
  beforeEach(async () => {
    world.outside.forget();
    world.organizationId = await seedOrganization(world.database.pool);
    world.connector = await seedConnector(world.database.pool, world.organizationId, 'Sales');
    world.now = new Date('2026-11-26T09:00:00Z');
    world.appEnds = null;
  });
  return world;
}

export function depsOf(
  world: World,
  hosts: readonly string[] = [world.outside.host],
): NotificationDeps & NotificationParts {
  return {
    pool: world.database.pool,
    now: () => world.now,
    log: pino({ level: 'silent' }),
    keyRing: KEY_RING,
    portalUrl: 'https://portal.example',
    appCredentialEnds: () => world.appEnds,
    mailer: createMailer({ ...SMTP, SMTP_PORT: world.outside.smtpPort }),
    web: createWeb({ hosts: [], privateHosts: hosts }),
    allowedHosts: hosts,
  };
}

/** A round as a worker runs it. */
export function roundOf(world: World): Promise<void> {
  return tellPeople(depsOf(world), world.organizationId, NEVER);
}

export function adminOf({ organizationId }: World) {
  return seededActor(organizationId, ['DataConnectors.Admin']);
}

/** Names who gets mail of a connector; no summary unless it is asked for. */
export function nameOf(world: World, addresses: readonly string[], change: Partial<SetNotices> = {}) {
  return setNotices(depsOf(world), adminOf(world), {
    connectorId: world.connector.id,
    addresses,
    waitingAbove: 0,
    dailySummary: false,
    summaryHour: 6,
    ...change,
  });
}

/** Recipients and subjects of the mails so far, sorted. */
export async function mailsOf({ outside }: World): Promise<string[]> {
  const mails = await outside.mails();
  return mails.map(({ recipient, subject }) => `${recipient} ${subject}`).sort();
}

export async function settingsOf(world: World) {
  return notificationSettings(depsOf(world), adminOf(world), world.connector.id);
}

/** Ends the alerts of a connector, as their cause would. */
export function endAlerts({ database, connector }: World, connectorId = connector.id) {
  return database.pool.query('UPDATE alert SET resolved_at = now() WHERE connector_id = $1', [connectorId]);
}

/** Lets what waits for its next attempt be due. */
export function dueNow({ database, organizationId }: World) {
  return database.pool.query(
    `UPDATE notice SET next_attempt_at = now() - interval '1 second' WHERE organization_id = $1`,
    [organizationId],
  );
}

/** Lets everything in the outbox be so many hours older. */
export function age({ database, organizationId }: World, hours: number) {
  return database.pool.query(
    `UPDATE notice SET created_at = created_at - make_interval(hours => $2), settled_at = settled_at - make_interval(hours => $2),
       next_attempt_at = next_attempt_at - make_interval(hours => $2) WHERE organization_id = $1`,
    [organizationId, hours],
  );
}

/** Lets the test button be pressed again. */
export function aMinuteAfterTheTest({ database, organizationId }: World) {
  return database.pool.query(
    `UPDATE notification_setting SET tested_at = tested_at - interval '1 minute' WHERE organization_id = $1`,
    [organizationId],
  );
}
