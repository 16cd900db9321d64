/**
 * `GET /api/v1/audit-log`: a SIEM collects the audit log by itself, as JSON lines. It says up to which place of the chain it
 * has come, and gets what follows: places have no gap and never change, so that nothing is missed and nothing comes twice,
 * whatever was written at the same time. Described in `../mapping-api/openapi.ts`, which a test holds this to.
 */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Logger } from 'pino';
import { z } from 'zod';
import { inTransaction, isDatabaseAway } from '../db.ts';
import type { Limits } from '../limits/limits.ts';
import { problem } from '../mapping-api/answers.ts';
import { programOf, refusedCaller, refuseProgram } from '../mapping-api/program.ts';
import type { AppCaller, CallerRefusal } from '../microsoft/app-caller.ts';
import type { Actor } from '../security/actor.ts';
import { isAllowed } from '../security/roles.ts';
import { auditOrganizationIn } from './entries.ts';
import { jsonOf } from './export.ts';
import { entriesAfter } from './store/after.ts';

export interface CollectParts {
  readonly pool: pg.Pool;
  /** who calls, by the header Authorization */
  readonly callerOf: (authorization: string | null) => Promise<AppCaller | CallerRefusal>;
  /** how often a program may call, and a refusal is noted */
  readonly limits: Pick<Limits, 'take'>;
  /** on which day it was last noted that a program collects: in the log once a day, which every call would make grow */
  readonly noted: Map<string, string>;
  /** where a request comes from, as far as it can be known */
  readonly addressOf: (request: Request) => string | undefined;
  readonly log: Logger;
  readonly now: () => Date;
}

export const MOST_ENTRIES = 5_000;
/** Far more than any tenant has; beyond it all are noted anew. */
const MOST_NOTED = 10_000;

/** A `bigint` of PostgreSQL at most. */
const PLACE = /^(0|[1-9]\d{0,17})$/;

export const collectQuerySchema = z.strictObject({
  after: z.string().regex(PLACE).default('0'),
  limit: z.coerce.number().int().min(1).max(MOST_ENTRIES).default(1_000),
});

/** Never throws: what fails is a problem with a reference to the log. */
export async function collectAuditLog(parts: CollectParts, request: Request): Promise<Response> {
  try {
    const caller = await parts.callerOf(request.headers.get('authorization'));
    if (typeof caller === 'string') return refusedCaller(caller);
    const actor = programOf(caller, parts.addressOf(request));
    if (!isAllowed(actor.roles, 'audit.read')) return await refuseProgram(parts, actor, 'audit.read');
    const taken = await parts.limits.take('audit-collect', actor.organizationId, actor.userId);
    if (!taken.allowed) return problem('too-many-requests', {}, { 'retry-after': String(taken.retryAfterSeconds) });
    const query = collectQuerySchema.safeParse(Object.fromEntries(new URL(request.url).searchParams));
    if (!query.success) return problem('bad-request', { detail: z.prettifyError(query.error) });
    await note(parts, actor, query.data.after);
    return await page(parts.pool, actor.organizationId, query.data);
  } catch (error) {
    return failure(parts.log, error);
  }
}

async function page(
  pool: pg.Pool,
  organizationId: string,
  { after, limit }: z.infer<typeof collectQuerySchema>,
): Promise<Response> {
  const { entries, through } = await entriesAfter(pool, organizationId, after, limit);
  const next = new URLSearchParams({ after: through, limit: String(limit) });
  return new Response(entries.map((entry) => `${JSON.stringify(jsonOf(entry))}\n`).join(''), {
    headers: {
      'content-type': 'application/x-ndjson',
      'cache-control': 'no-store',
      // RFC 8288: relative to the address that was asked for.
      link: `<?${next}>; rel="next"`,
    },
  });
}

/** That a program collects is in the log before the first byte leaves. */
async function note({ pool, noted, now }: CollectParts, actor: Actor, after: string): Promise<void> {
  const key = `${actor.organizationId} ${actor.userId}`;
  const day = now().toISOString().slice(0, 10);
  if (noted.get(key) === day) return;
  await inTransaction(pool, (client) =>
    auditOrganizationIn(client, actor, { action: 'audit.collected', detail: { after } }),
  );
  if (noted.size >= MOST_NOTED) noted.clear();
  noted.set(key, day);
}

function failure(log: Logger, error: unknown): Response {
  const reference = randomUUID();
  const facts = error instanceof Error ? { name: error.name, message: error.message, stack: error.stack } : {};
  if (isDatabaseAway(error)) {
    log.warn({ reference, name: facts.name }, 'collecting the audit log: the database is away');
    return problem('unavailable', { reference }, { 'retry-after': '30' });
  }
  log.error({ reference, ...facts }, 'collecting the audit log: a fault of ours');
  return problem('internal', { reference });
}
