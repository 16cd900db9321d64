/** A session against Entra ID (the sandbox's): roles that change, people who leave, ends that hold. */
import { randomBytes, randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testDatabase } from '#testing/services.ts';
import { type Database, openDatabase } from '../db.ts';
import type { ExchangeAdmin } from '../microsoft/exchange-admin.ts';
import { type Actor, NotAllowed } from '../security/actor.ts';
import { parseKeyRing } from '../security/keyring.ts';
import type { Role } from '../security/roles.ts';
import { accessReview } from './access-review.ts';
import type { Renewal } from './renew.ts';
import {
  actorOfSession,
  beginSession,
  CHECK_MS,
  endSession,
  SESSION_SECONDS,
  type SessionDeps,
  UNREACHABLE_MS,
} from './sessions.ts';

const organizationId = randomUUID();
const person = {
  organizationId,
  userId: randomUUID(),
  name: 'Grace',
  address: 'grace@example.com',
  roles: ['DataConnectors.Admin', 'Other.Role'],
};

let database: Database;
let deps: SessionDeps;
let now: number;
let asked: string[];
let answer: Renewal;
beforeAll(async () => {
  database = openDatabase(await testDatabase(), 6);
  await database.pool.query(`INSERT INTO organization (id, name) VALUES ($1, 'Test')`, [organizationId]);
});
afterAll(async () => {
  await database.prisma.$disconnect();
  await database.pool.end();
});
beforeEach(() => {
  now = Date.parse('2026-11-26T08:00:00Z');
  asked = [];
  answer = { kind: 'renewed', person, refreshToken: null };
  deps = {
    pool: database.pool,
    keyRing: parseKeyRing(`k1:${randomBytes(32).toString('base64')}`),
    organizations: [organizationId],
    renew: async (_organization, refreshToken) => {
      asked.push(refreshToken);
      return answer;
    },
    exchangeAdmin: null,
    clock: () => new Date(now),
    log: pino({ level: 'silent' }),
  };
});

const begin = (): Promise<string> => beginSession(deps, person, 'refresh-1', '203.0.113.7');
const rolesOf = async (id: string): Promise<readonly string[] | null> =>
  (await actorOfSession(deps, id))?.roles ?? null;

async function noted(): Promise<unknown[]> {
  const { rows } = await database.pool.query(
    'SELECT action, result, client_address, detail FROM audit_entry WHERE actor = $1 ORDER BY id DESC LIMIT 1',
    [person.userId],
  );
  return rows;
}

describe('a session', () => {
  it('is in the audit log, and its refresh token nowhere in the database as it is', async () => {
    const id = await begin();
    expect(await noted()).toEqual([
      {
        action: 'session.signed-in',
        result: 'done',
        client_address: '203.0.113.7',
        detail: { address: person.address, roles: person.roles },
      },
    ]);
    const { rows } = await database.pool.query<{ row: string }>(
      'SELECT s::text AS row FROM portal_session s WHERE id = $1',
      [id],
    );
    expect(rows[0]?.row).toContain('sealed.');
    expect(rows[0]?.row).not.toContain('refresh-1');
  });

  it('stands for the roles of this portal alone, and asks nobody while the answer is fresh', async () => {
    const id = await begin();
    now += CHECK_MS - 1;
    expect(await rolesOf(id)).toEqual(['DataConnectors.Admin']);
    expect(asked).toEqual([]);
  });

  it('has the roles of now after the check, and that they changed is noted', async () => {
    const id = await begin();
    now += CHECK_MS;
    answer = { kind: 'renewed', person: { ...person, roles: ['DataConnectors.Reader'] }, refreshToken: 'refresh-2' };
    expect(await rolesOf(id)).toEqual(['DataConnectors.Reader']);
    expect(await noted()).toMatchObject([
      { action: 'session.roles-changed', detail: { before: person.roles, after: ['DataConnectors.Reader'] } },
    ]);
    now += CHECK_MS;
    await rolesOf(id);
    expect(asked).toEqual(['refresh-1', 'refresh-2']);
  });

  it('asks once, however many requests come at once', async () => {
    const id = await begin();
    now += CHECK_MS;
    await Promise.all([1, 2, 3, 4].map(() => rolesOf(id)));
    expect(asked).toHaveLength(1);
  });

  it('is over where Entra ID does not stand for the person any more', async () => {
    const id = await begin();
    now += CHECK_MS;
    answer = { kind: 'refused', answer: 'invalid_grant' };
    expect(await rolesOf(id)).toBeNull();
    expect(await noted()).toMatchObject([{ action: 'session.ended', result: 'refused' }]);
    answer = { kind: 'renewed', person, refreshToken: null };
    expect(await rolesOf(id)).toBeNull();
    expect(asked).toHaveLength(1);
  });

  it('is over where the answer is about somebody else', async () => {
    const id = await begin();
    now += CHECK_MS;
    answer = { kind: 'renewed', person: { ...person, userId: randomUUID() }, refreshToken: null };
    expect(await rolesOf(id)).toBeNull();
  });

  it('goes by the last answer for a while where Entra ID cannot be reached, and no longer', async () => {
    const id = await begin();
    answer = { kind: 'unreachable' };
    now += UNREACHABLE_MS - 1;
    expect(await rolesOf(id)).toEqual(['DataConnectors.Admin']);
    now += 1;
    expect(await rolesOf(id)).toBeNull();
    answer = { kind: 'renewed', person, refreshToken: null };
    expect(await rolesOf(id)).toEqual(['DataConnectors.Admin']);
  });

  it('ends eight hours after the sign-in, however much it is used', async () => {
    const id = await begin();
    for (let hour = 1; hour < SESSION_SECONDS / 3600; hour++) {
      now += 60 * 60_000;
      expect(await rolesOf(id)).toEqual(['DataConnectors.Admin']);
    }
    now = Date.parse('2026-11-26T08:00:00Z') + SESSION_SECONDS * 1000;
    expect(await rolesOf(id)).toBeNull();
  });

  it('is worth nothing after the sign-out, nor where the organization is not listed any more', async () => {
    const id = await begin();
    expect(await actorOfSession({ ...deps, organizations: [] }, id)).toBeNull();
    await endSession(deps, id, '203.0.113.8');
    expect(await rolesOf(id)).toBeNull();
    expect(await noted()).toMatchObject([{ action: 'session.signed-out', client_address: '203.0.113.8' }]);
    await endSession(deps, id, undefined);
    expect(await rolesOf(randomUUID())).toBeNull();
  });

  it('without a refresh token lasts until the first check', async () => {
    const id = await beginSession(deps, person, null, undefined);
    expect(await rolesOf(id)).toEqual(['DataConnectors.Admin']);
    now += CHECK_MS;
    expect(await rolesOf(id)).toBeNull();
  });
});

describe('the Exchange role', () => {
  let exchange: ExchangeAdmin;
  let questions: number;
  let noa: typeof person;
  const beginAs = (roles: readonly string[]) => beginSession(deps, { ...noa, roles }, 'r', undefined);
  beforeEach(() => {
    noa = { ...person, userId: randomUUID(), name: 'Noa', roles: ['DataConnectors.Reader'] };
    exchange = 'held';
    questions = 0;
    answer = { kind: 'renewed', person: noa, refreshToken: null };
    deps = {
      ...deps,
      exchangeAdmin: async () => {
        questions += 1;
        return exchange;
      },
    };
  });

  it('makes an administrator beside what Entra ID says, and where it comes from is noted', async () => {
    const id = await beginAs(noa.roles);
    expect(await rolesOf(id)).toEqual(['DataConnectors.Admin', 'DataConnectors.Reader']);
    const { rows } = await database.pool.query(
      `SELECT detail->'roles' AS roles FROM audit_entry WHERE actor = $1 AND action = 'session.signed-in'`,
      [noa.userId],
    );
    expect(rows).toEqual([{ roles: ['DataConnectors.Reader', 'Mailbox Import Export (Exchange)'] }]);
  });

  it('is asked of again with the roles, and gone with the next answer', async () => {
    const id = await beginAs(noa.roles);
    now += CHECK_MS;
    exchange = 'not_held';
    expect(await rolesOf(id)).toEqual(['DataConnectors.Reader']);
    const { rows } = await database.pool.query(
      `SELECT detail FROM audit_entry WHERE actor = $1 AND action = 'session.roles-changed'`,
      [noa.userId],
    );
    expect(rows).toMatchObject([{ detail: { after: ['DataConnectors.Reader'] } }]);
  });

  it('counts for a while where Microsoft does not answer, and no longer; never where it never did', async () => {
    const id = await beginAs(noa.roles);
    exchange = 'unknown';
    for (const step of [CHECK_MS, UNREACHABLE_MS - CHECK_MS - 1]) {
      now += step;
      expect(await rolesOf(id)).toContain('DataConnectors.Admin');
    }
    now += 1;
    expect(await rolesOf(id)).toEqual(['DataConnectors.Reader']);
    expect(await rolesOf(await beginAs(noa.roles))).toEqual(['DataConnectors.Reader']);
  });

  it('is not asked for where the app role is there, and does not count once the operator switched it off', async () => {
    expect(await rolesOf(await beginAs(['DataConnectors.Admin']))).toEqual(['DataConnectors.Admin']);
    expect(questions).toBe(0);
    const id = await beginAs([]);
    expect(await rolesOf(id)).toEqual(['DataConnectors.Admin']);
    deps = { ...deps, exchangeAdmin: null };
    expect(await rolesOf(id)).toEqual([]);
  });

  it('is named as the source in the access review', async () => {
    const auditor: Actor = { ...person, roles: ['DataConnectors.Auditor'] };
    const sources = async (userId: string) => {
      const file = await accessReview(database.pool, auditor, new Date(now), SESSION_SECONDS);
      return file
        .split('\r\n')
        .filter((line) => line.includes(userId))
        .map((line) => line.split(',').slice(3, 5));
    };
    const role = 'Exchange role Mailbox Import Export';
    await beginAs(['DataConnectors.Reader']);
    expect(await sources(noa.userId)).toEqual([
      [
        'DataConnectors.Admin DataConnectors.Reader',
        `"DataConnectors.Admin: ${role}; DataConnectors.Reader: App role in Entra ID"`,
      ],
    ]);
    const alone = { ...noa, userId: randomUUID(), roles: [] };
    await beginSession(deps, alone, 'r', undefined);
    expect(await sources(alone.userId)).toEqual([['DataConnectors.Admin', role]]);
  });
});

describe('the access review', () => {
  const auditor = (organization: string, roles: Role[]): Actor => ({
    organizationId: organization,
    userId: randomUUID(),
    name: 'Ingrid',
    address: 'ingrid@example.com',
    roles,
  });
  const review = (actor: Actor): Promise<string> => accessReview(database.pool, actor, new Date(now), SESSION_SECONDS);

  it('has a line for each person, with the roles of the last look and the last use', async () => {
    const lena = { ...person, userId: randomUUID(), name: 'Lena', roles: ['DataConnectors.Reader'] };
    const first = await beginSession(deps, lena, 'r', undefined);
    await endSession(deps, first, undefined);
    now += 60 * 60_000;
    await beginSession(deps, { ...lena, roles: ['DataConnectors.Auditor', 'Other.Role'] }, 'r', undefined);
    const file = await review(auditor(organizationId, ['DataConnectors.Auditor']));
    const lines = file.split('\r\n').filter((line) => line.startsWith('Lena,'));
    const at = '2026-11-26T09:00:00.000Z';
    expect(lines).toEqual([
      `Lena,grace@example.com,${lena.userId},DataConnectors.Auditor,App role in Entra ID,${at},${at},${at},1`,
    ]);
    const { rows } = await database.pool.query(
      `SELECT 1 FROM audit_entry WHERE action = 'access.reviewed' AND actor_name = 'Ingrid'`,
    );
    expect(rows).toHaveLength(1);
  });

  it('is for auditors, of their organization', async () => {
    await expect(review(auditor(organizationId, ['DataConnectors.Admin']))).rejects.toThrow(NotAllowed);
    const other = await review(auditor(randomUUID(), ['DataConnectors.Auditor']));
    expect(other.trimEnd().split('\r\n')).toHaveLength(1);
  });
});
