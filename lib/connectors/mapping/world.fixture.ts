/** For integration tests of a live connector's mapping: an organization, its connector and its administrators. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { testDatabase } from '#testing/services.ts';
import { type Database, inTransaction, openDatabase } from '../../db.ts';
import { versionRows } from '../../mapping/version-rows.ts';
import type { Actor } from '../../security/actor.ts';
import { parseKeyRing } from '../../security/keyring.ts';
import { type SeededConnector, seedConnector, seededActor, seedOrganization } from '../rows.fixture.ts';
import type { ComparingParts } from './parts.ts';
import { applyVersion, type ProposeInput, proposeVersion, type ReadingParts } from './use-cases.ts';

export interface World {
  readonly database: Database;
  readonly organizationId: string;
  readonly connector: SeededConnector;
  /** two administrators */
  readonly grace: Actor;
  readonly henry: Actor;
  readonly reader: Actor;
  readonly parts: ReadingParts & ComparingParts;
  /** jobs that were asked for: name and connector */
  readonly enqueued: string[];
  readonly notified: string[];
  propose(text: string, more?: Partial<ProposeInput>, actor?: Actor): ReturnType<typeof proposeVersion>;
  /** proposes and applies with whatever has to be typed. @returns the version's id */
  putInForce(text: string, more?: Partial<ProposeInput>): Promise<string>;
  inForce(): Promise<string | null>;
  /** rows of a version, as `number mailbox from..to origin row of version` */
  rowsOf(versionId: string): Promise<string[]>;
  audited(action: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export const HEADER = 'ExternalUserId,O365UserMailbox,ValidFrom,ValidTo\n';

/** A file with one row for each entry: `number,mailbox[,from,to]`. */
export const file = (...rows: readonly string[]): string =>
  HEADER + rows.map((row) => `${row}${','.repeat(3 - row.split(',').length + 1)}\n`).join('');

/** The number that a test calls `index`. */
export const numberOf = (index: number): string => `+1212555${String(index).padStart(4, '0')}`;

/**
 * A database for a file of tests, and for each test an organization of its own in it.
 *
 * @param use is given the test's world before each, and one that is there all the time
 */
export function worldForEach(use: (world: World, shared: World) => void | Promise<void>): void {
  let shared: World;
  beforeAll(async () => {
    shared = await mappingWorld();
  });
  afterAll(() => shared.close());
  beforeEach(async () => use(await mappingWorld(shared.database), shared));
}

export async function mappingWorld(opened?: Database): Promise<World> {
  const database = opened ?? openDatabase(await testDatabase(), 6);
  const { pool } = database;
  const organizationId = await seedOrganization(pool);
  // Its directory was asked just now: these tests have none.
  await pool.query(
    `UPDATE organization SET verified_domains = '{company.example}', directory_read_at = now() WHERE id = $1`,
    [organizationId],
  );
  const connector = await seedConnector(pool, organizationId, 'Android Archiver');
  const admin = (name: string): Actor => ({ ...seededActor(organizationId, ['DataConnectors.Admin']), name });
  const [grace, henry] = [admin('Grace'), admin('Henry')];
  const enqueued: string[] = [];
  const notified: string[] = [];
  const parts: ReadingParts & ComparingParts = {
    database,
    keyRing: parseKeyRing(`test:${randomBytes(32).toString('base64')}`),
    graph: () => {
      throw new Error('the directory is not asked');
    },
    enqueue: async (name, data) => {
      enqueued.push(`${name} ${'connectorId' in data ? data.connectorId : ''}`);
    },
    notify: ({ connectorId }) => {
      notified.push(connectorId);
    },
  };
  const world: World = {
    database,
    organizationId,
    connector,
    grace,
    henry,
    reader: seededActor(organizationId),
    parts,
    enqueued,
    notified,
    propose: (text, more = {}, actor = grace) =>
      proposeVersion(parts, actor, {
        connectorId: connector.id,
        fileName: 'mapping.csv',
        bytes: new TextEncoder().encode(text),
        mode: 'replace',
        leaveOut: 0,
        portalRows: null,
        ...more,
      }),
    async putInForce(text, more) {
      const proposed = await world.propose(text, more);
      if (proposed.kind !== 'proposed') throw new Error(JSON.stringify(proposed));
      const { versionId, number } = proposed;
      const applied = await applyVersion(parts, grace, {
        connectorId: connector.id,
        versionId,
        base: await world.inForce(),
        reason: 'as a test wants it',
        confirmation: `apply version ${number}`,
        shiftedConfirmation: 'the mailboxes are right',
      });
      if (applied.kind !== 'applied') throw new Error(JSON.stringify(applied));
      return versionId;
    },
    async inForce() {
      const { rows } = await pool.query<{ id: string }>(
        `SELECT id FROM mapping_version WHERE connector_id = $1 AND status = 'in_force'`,
        [connector.id],
      );
      return rows[0]?.id ?? null;
    },
    async rowsOf(versionId) {
      const { rows } = await pool.query<{ line: string }>(
        `SELECT concat(right(r.number, 2), ' ', split_part(mailbox, '@', 1), ' ',
             CASE WHEN isfinite(valid_from) OR isfinite(valid_to) THEN concat(
               CASE WHEN isfinite(valid_from) THEN to_char(valid_from, 'MM-DD') END, '..',
               CASE WHEN isfinite(valid_to) THEN to_char(valid_to, 'MM-DD') END, ' ') END,
             r.origin, ' ', row_number, ' of ' || coalesce(brought_by, CASE WHEN s.id <> $1 THEN s.number END)) AS line
         FROM ${versionRows('$1')} r JOIN mapping_version s ON s.id = r.version_id ORDER BY r.number, valid_from`,
        [versionId],
      );
      return rows.map(({ line }) => line);
    },
    async audited(action) {
      const { rows } = await pool.query<{ detail: Record<string, unknown> }>(
        'SELECT detail FROM audit_entry WHERE organization_id = $1 AND action = $2 ORDER BY id',
        [organizationId, action],
      );
      return rows.map(({ detail }) => detail);
    },
    async close() {
      await database.prisma.$disconnect();
      await pool.end();
    },
  };
  return world;
}

/** Registers phones at the source: number to e-mail address. */
export async function register(
  { database: { pool }, organizationId, connector }: World,
  emails: Readonly<Record<string, string | null>>,
): Promise<void> {
  const numbers = Object.keys(emails);
  await inTransaction(pool, (client) =>
    client.query(
      `INSERT INTO source_user (source_id, organization_id, mobile, number, email, name, status)
       SELECT $1, $2, number, number, email, 'User ' || right(number, 2), 'activated'
       FROM unnest($3::text[], $4::text[]) AS t (number, email)`,
      [connector.sourceId, organizationId, numbers, Object.values(emails)],
    ),
  );
}
