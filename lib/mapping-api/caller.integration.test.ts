/** A real token of the sandbox's Entra ID, from the program to the mapping that is in force. */
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readAtMost } from '#app/api/read-at-most.ts';
import { alderByrne } from '#sandbox/world/alder-byrne.ts';
import { callingApp } from '#sandbox/world/calling-app.ts';
import type { Tenant } from '#sandbox/world/people.ts';
import { portalApp } from '#sandbox/world/portal-app.ts';
import { foxglove, kestrelBank } from '#sandbox/world/tenants.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { testDatabase } from '#testing/services.ts';
import * as versions from '../connectors/mapping/use-cases.ts';
import { type Database, openDatabase } from '../db.ts';
import { sandboxClients } from '../imports/clients.fixture.ts';
import { grantConsent, insertConnector } from '../imports/connector.fixture.ts';
import { FileTurns } from '../mapping/file-turns.ts';
import { appCallers } from '../microsoft/app-caller.ts';
import { microsoftHosts } from '../microsoft/clouds.ts';
import { discover } from '../microsoft/discovery.ts';
import { createTransport } from '../microsoft/transport.ts';
import { type MappingApiParts, putMapping } from './put-mapping.ts';

let sandbox: TestSandbox;
let database: Database;
let connectorId: string;
let parts: MappingApiParts;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  await grantConsent(sandbox);
  database = openDatabase(await testDatabase(), 4);
  connectorId = await insertConnector(database.pool);
  const transport = createTransport();
  const hosts = microsoftHosts('public', { graphUrl: sandbox.graph, authority: sandbox.entra });
  const { graph } = sandboxClients(sandbox);
  const mapping = { database, graph: () => graph, enqueue: async () => {}, notify: () => {} };
  parts = {
    mapping,
    versions,
    callerOf: appCallers({
      organizations: [alderByrne.id, kestrelBank.id],
      clientId: portalApp.clientId,
      endpointsOf: (tenantId) => discover(hosts, tenantId, transport),
      transport,
      now: () => new Date(),
    }),
    limits: { take: async () => ({ allowed: true }) },
    addressOf: () => undefined,
    busy: new Set(),
    turns: new FileTurns({ atOnce: 2, mostWaiting: 2, longestMs: 60_000 }),
    read: readAtMost,
    log: pino({ level: 'silent' }),
  };
});
afterAll(async () => {
  await database?.prisma.$disconnect();
  await database?.pool.end();
  await sandbox?.stop();
});

async function tokenOf(tenant: Tenant, scope: string, app: { clientId: string; clientSecret: string } = callingApp) {
  const form = { grant_type: 'client_credentials', scope, client_id: app.clientId, client_secret: app.clientSecret };
  const url = `${sandbox.entra}/${tenant.id}/oauth2/v2.0/token`;
  const answered = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
  const body: unknown = await answered.json();
  if (typeof body !== 'object' || body === null || !('access_token' in body)) throw new Error(JSON.stringify(body));
  return String(body.access_token);
}

function put(token: string, id = connectorId): Promise<Response> {
  const body = 'ExternalUserId,O365UserMailbox\n+12125550118,ben.carter@alderbyrne.example\n';
  const request = new Request(`https://portal.example/api/v1/connectors/${id}/mapping`, {
    method: 'PUT',
    headers: {
      'content-type': 'text/csv',
      'content-length': String(body.length),
      authorization: `Bearer ${token}`,
    },
    body,
  });
  return putMapping(parts, request, id);
}

const PORTAL = `api://${portalApp.clientId}/.default`;

it('an app that the tenant has granted the role changes the mapping', async () => {
  const answered = await put(await tokenOf(alderByrne, PORTAL));
  expect(await answered.json()).toMatchObject({ status: 'applied', version: 1 });
  const { rows } = await database.pool.query(
    `SELECT mailbox FROM mapping_row r JOIN mapping_version v ON v.id = r.version_id WHERE v.status = 'in_force'`,
  );
  expect(rows).toEqual([{ mailbox: 'ben.carter@alderbyrne.example' }]);
});

it('a token for Graph, one of another tenant, and one without the role change nothing', async () => {
  const graph = await put(await tokenOf(alderByrne, 'https://graph.microsoft.com/.default'));
  expect(graph.status).toBe(401);
  expect((await put(await tokenOf(foxglove, PORTAL))).status).toBe(401);
  expect((await put(await tokenOf(kestrelBank, PORTAL))).status).toBe(403);
  expect((await put(await tokenOf(alderByrne, PORTAL, portalApp))).status).toBe(403);
  expect((await put(await tokenOf(alderByrne, PORTAL), randomUUID())).status).toBe(404);
});
