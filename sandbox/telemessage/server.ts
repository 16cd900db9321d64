/**
 * The archive feed of the sandbox's TeleMessage, after the contract `telemessage-archive` 1.0. Each route checks what
 * it is given and hands over to the file that knows the subject.
 */
import type { FastifyError, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { FeedEntry, Phones } from '../phones/item.ts';
import { inTurns } from '../phones/turns.ts';
import type { Tenant } from '../world/people.ts';
import type { AdministrationAccount } from './accounts.ts';
import { attachmentDesk } from './attachment-route.ts';
import { deviceDesk } from './devices.ts';
import { manifestDesk } from './manifest.ts';
import { rateLimit } from './rate-limit.ts';
import { Refusal, refusals } from './refusal.ts';
import type { Registration } from './registrations.ts';
import { type TelemessageParts, type TelemessageSite, telemessageSite } from './site.ts';
import { readWindow } from './window.ts';

const kindName = z.string().regex(/^[a-z0-9-]{2,40}$/);
/** the longest username and password that are looked at */
const LONGEST_CREDENTIAL = 256;
const credentials = z.object({
  username: z.string().min(1).max(LONGEST_CREDENTIAL),
  password: z.string().max(LONGEST_CREDENTIAL),
});
const registration = z.object({ kind: kindName, clientReference: z.string().min(1).max(64) });
const byId = z.object({ id: z.string() });
const byKind = z.object({ kind: kindName });
const itemsQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1_000).default(500),
  cursor: z.string().optional(),
});
const usersQuery = z.object({ cursor: z.coerce.number().int().min(0).default(0) });

const USERS_A_PAGE = 25;

export function telemessageRoutes(parts: TelemessageParts): FastifyPluginAsync {
  return async (app) => {
    const site = await telemessageSite(parts);
    const limit = rateLimit(() => site.conditions.inForce.requestsPerSecond);
    const manifest = manifestDesk(site);
    const attachment = attachmentDesk(site);
    const devices = deviceDesk(site);
    site.onReset(limit.clear);

    /** The account of the request's session, within its rate. */
    const accountOf = (request: FastifyRequest): AdministrationAccount => {
      const token = bearer(request);
      if (token !== null && request.sandboxFault?.kind === 'expire') {
        request.sandboxFaultDone = site.signIn.expire(token);
      }
      const account = site.signIn.accountOf(token);
      const seconds = limit.secondsToWait(account.account.id, site.now());
      if (seconds > 0) throw refusals.throttled(seconds);
      return account;
    };

    const archiveOf = (request: FastifyRequest): Archive => {
      const account = accountOf(request);
      const { kind } = checked(byKind, request.params);
      return archive(site, account, kind);
    };

    app.setErrorHandler((error: FastifyError | Refusal, _request, reply) => answerRefusal(error, reply));
    app.setNotFoundHandler((_request, reply) => answerRefusal(refusals.notFound(), reply));

    app.post('/v1/sessions', async (request, reply) => {
      const { username, password } = checked(credentials, request.body);
      // those that there are not share one bucket, so that no number of them fills the memory
      const known = site.accounts.find(username)?.username ?? '';
      const seconds = limit.secondsToWait(`sign-in ${known}`, site.now());
      if (seconds > 0) throw refusals.throttled(seconds);
      const { token, account } = site.signIn.open(username, password);
      if (request.sandboxFault?.kind === 'expire') request.sandboxFaultDone = site.signIn.expire(token);
      const expiresIn = site.conditions.inForce.sessionSeconds;
      return reply.code(201).send({ token, expiresIn, account: account.account });
    });

    app.post('/v1/connectors', async (request, reply) => {
      const account = accountOf(request);
      const { kind, clientReference } = checked(registration, request.body);
      if (!account.kinds.includes(kind)) throw refusals.kindNotOrdered();
      const { registration: made, isNew } = site.registrations.register(account.account.id, kind, clientReference);
      return reply.code(isNew ? 201 : 200).send({ id: made.id });
    });

    app.get('/v1/connectors/:id', async (request) => {
      const account = accountOf(request);
      const found = site.registrations.find(account.account.id, checked(byId, request.params).id);
      if (found === undefined) throw refusals.notFound();
      const { tenant } = archive(site, account, found.kind);
      return connectorStatus(found, tenant, await devices.lastArrivals(tenant.id, found.kind));
    });

    app.delete('/v1/connectors/:id', async (request, reply) => {
      const account = accountOf(request);
      if (!site.registrations.remove(account.account.id, checked(byId, request.params).id)) throw refusals.notFound();
      return reply.code(204).send();
    });

    app.get('/v1/archives/:kind/status', async (request) => {
      archiveOf(request);
      return {
        now: iso(site.now()),
        settledThrough: iso(site.settledThrough()),
        earliestRetained: iso(site.earliestRetained()),
      };
    });

    app.get('/v1/archives/:kind/items', async (request) => {
      const { phones, feed } = archiveOf(request);
      const window = readWindow(request.query, site.settledThrough());
      const page = checked(itemsQuery, request.query);
      const scope = { ...window, feed, limit: page.limit };
      const after = page.cursor === undefined ? undefined : site.cursors.read(scope, page.cursor, site.now());
      await site.readyToWalk();
      const { entries, last } = await take(site.archived(phones, window, after), page.limit);
      const items = entries.map((entry) => entry.item);
      const repeats = request.sandboxFault?.kind === 'duplicate';
      // an empty page has no last item
      if (repeats) request.sandboxFaultDone = items.length > 0;
      return {
        items: repeats ? [...items, ...items.slice(-1)] : items,
        nextCursor: last === null ? null : site.cursors.write(scope, last, site.now()),
      };
    });

    app.get('/v1/archives/:kind/manifest', async (request, reply) => {
      const { phones, feed } = archiveOf(request);
      return manifest(feed, phones, readWindow(request.query, site.settledThrough()), whileOpen(reply));
    });

    app.get('/v1/archives/:kind/users', async (request) => {
      const { tenant, kind } = archiveOf(request);
      const { cursor } = checked(usersQuery, request.query);
      const users = await devices.registeredUsers(tenant, kind);
      const next = cursor + USERS_A_PAGE;
      return { users: users.slice(cursor, next), nextCursor: next < users.length ? String(next) : null };
    });

    app.get('/v1/attachments/:id', async (request, reply) => {
      const account = accountOf(request);
      await site.readyToWalk();
      return attachment(account, checked(byId, request.params).id, request, reply);
    });
  };
}

/** The site's answer to a URL that cannot be decoded, which never comes to its routes. */
export function unroutableAtTelemessage(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return answerRefusal(refusals.malformed(), reply);
}

interface Archive {
  readonly tenant: Tenant;
  readonly kind: string;
  readonly phones: Phones;
  /** names the feed in cursors */
  readonly feed: string;
}

function archive(site: TelemessageSite, account: AdministrationAccount, kind: string): Archive {
  const tenant = site.tenants.find((one) => one.id === account.tenantId);
  const phones = account.kinds.includes(kind) ? site.phones(account.tenantId, kind) : undefined;
  if (tenant === undefined || phones === undefined) throw refusals.kindNotOrdered();
  return { tenant, kind, phones, feed: `${account.tenantId}/${kind}` };
}

function connectorStatus(found: Registration, tenant: Tenant, last: ReadonlyMap<string, string>) {
  const arrivals = [...last.values()].sort();
  const devices = tenant.people.filter((one) => one.mobile !== null && one.telemessageStatus !== 'pending');
  return {
    id: found.id,
    kind: found.kind,
    status: found.status,
    lastArchivedTime: arrivals.at(-1) ?? null,
    devices: devices.length,
    // phones that are not activated have not delivered anything
    dormantDevices: devices.filter((one) => one.telemessageStatus !== 'activated').length,
  };
}

/** The first `limit` entries, and the last of them where more follow. */
async function take(
  entries: Iterable<FeedEntry>,
  limit: number,
): Promise<{ entries: readonly FeedEntry[]; last: FeedEntry | null }> {
  const taken: FeedEntry[] = [];
  await inTurns(entries, (entry) => taken.push(entry) <= limit);
  const shown = taken.slice(0, limit);
  return { entries: shown, last: taken.length > limit ? (shown.at(-1) ?? null) : null };
}

/** Aborted when the answer was sent, or cannot be sent any more. */
function whileOpen(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}

function checked<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw refusals.malformed();
  return parsed.data;
}

function bearer(request: FastifyRequest): string | null {
  return /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? null;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

/** Refusals as the contract writes them; what Fastify refuses (no JSON, too large) is a general error. */
function answerRefusal(error: FastifyError | Refusal, reply: FastifyReply): FastifyReply {
  if (error instanceof Refusal) {
    if (error.retryAfter !== null) void reply.header('retry-after', String(error.retryAfter));
    return reply.code(error.status).send({ resultCode: error.resultCode, resultDescription: error.resultDescription });
  }
  const status = error.statusCode !== undefined && error.statusCode < 500 ? error.statusCode : 500;
  return reply.code(status).send({ resultCode: 400, resultDescription: 'GENERAL_ERROR' });
}
