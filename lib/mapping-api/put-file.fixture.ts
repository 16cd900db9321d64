/** For tests: a program's call, as it meets the handler. */
import { pino } from 'pino';
import { readAtMost } from '#app/api/read-at-most.ts';
import * as versions from '../connectors/mapping/use-cases.ts';
import { numberOf, type World } from '../connectors/mapping/world.fixture.ts';
import { FileTurns } from '../mapping/file-turns.ts';
import type { AppCaller, CallerRefusal } from '../microsoft/app-caller.ts';
import type { VersionUseCases } from './bring-file.ts';
import type { HeldToDocument } from './held-to-document.fixture.ts';
import { type MappingApiParts, putMapping } from './put-mapping.ts';

export const APP = '8e1f6c02-4b7d-4a35-9c60-2d5b9a7e13f4';
export const PRINCIPAL = 'c0a8012e-5a1b-4d37-8e94-6f2b7c3d1a05';

export interface Call {
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly connectorId?: string;
  readonly caller?: AppCaller | CallerRefusal;
  readonly versions?: Partial<VersionUseCases>;
  readonly parts?: Partial<MappingApiParts>;
}

export const callerOf = (world: World, change: Partial<AppCaller> = {}): AppCaller => ({
  organizationId: world.organizationId,
  appId: APP,
  objectId: PRINCIPAL,
  roles: ['Mapping.Propose'],
  ...change,
});

const unlimited = { take: async () => ({ allowed: true }) as const };

/** Every answer is held to the document. */
export async function putFile(
  world: World,
  checker: HeldToDocument,
  body: BodyInit,
  call: Call = {},
): Promise<{ status: number; headers: Headers; body: unknown }> {
  const { query = '', headers = {}, connectorId = world.connector.id } = call;
  const request = new Request(`https://portal.example/api/v1/connectors/${connectorId}/mapping${query}`, {
    method: 'PUT',
    headers: { 'content-type': 'text/csv', authorization: 'Bearer x', ...lengthOf(body), ...headers },
    body,
    duplex: 'half',
  } as RequestInit);
  const answered = await putMapping(
    {
      mapping: world.parts,
      versions: { ...versions, ...call.versions },
      callerOf: async () => call.caller ?? callerOf(world),
      limits: unlimited,
      addressOf: () => '203.0.113.9',
      busy: new Set(),
      turns: new FileTurns({ atOnce: 2, mostWaiting: 2, longestMs: 60_000 }),
      read: readAtMost,
      log: pino({ level: 'silent' }),
      ...call.parts,
    },
    request,
    connectorId,
  );
  return { status: answered.status, headers: answered.headers, body: await checker.holds(answered) };
}

/** As `fetch` and curl say it; of a stream they cannot. */
function lengthOf(body: BodyInit): Record<string, string> {
  if (typeof body === 'string') return { 'content-length': String(Buffer.byteLength(body)) };
  return body instanceof Uint8Array ? { 'content-length': String(body.byteLength) } : {};
}

/** Rows of the first people, each with a mailbox of their own. */
export const people = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${numberOf(index + 1)},user${index + 1}@company.example`);
