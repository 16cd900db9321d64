/**
 * The pull feed of TeleMessage as a source, after the telemessage-archive contract.
 *
 * Gives what the site says, validated in shape, items unparsed. Whether a feed ends, repeats itself or balances with
 * its manifest is the business of `imports/`.
 */
import { z } from 'zod';
import { type SignedInSource, SourceError, type SourceUser, type TimeRange } from '../source.ts';
import { openAttachment } from './attachment.ts';
import { callJson } from './client.ts';
import { connectorStatus, register, unregister } from './registration.ts';
import { type SessionSettings, telemessageSession } from './session.ts';

export interface TeleMessageSourceSettings extends SessionSettings {
  /** the archive's kind at the source, `[a-z0-9-]{2,40}` */
  readonly kind: string;
}

const clockSchema = z.object({
  now: z.iso.datetime(),
  settledThrough: z.iso.datetime(),
  earliestRetained: z.iso.datetime(),
});
const itemPageSchema = z.object({ items: z.array(z.unknown()), nextCursor: z.string().min(1).nullable() });
const manifestSchema = z.object({
  count: z.number().int().nonnegative(),
  attachmentBytes: z.number().int().nonnegative(),
});
const userPageSchema = z.object({
  users: z.array(
    z.object({
      mobile: z.string(),
      email: z.string().nullish(),
      name: z.string().nullish(),
      status: z.enum(['activated', 'pending', 'suspended', 'locked', 'deleted']),
      lastArchivedTime: z.string().nullish(),
    }),
  ),
  nextCursor: z.string().min(1).nullable(),
});

/** One object per connector and job; its session opens at the first call. Every method throws `SourceError` only. */
export function telemessageSource(settings: TeleMessageSourceSettings): SignedInSource {
  const { kind, ...sessionSettings } = settings;
  if (!/^[a-z0-9-]{2,40}$/.test(kind)) throw new RangeError(`not a kind of archive: ${kind}`);
  const session = telemessageSession(sessionSettings);

  function get<T extends z.ZodType>(path: string, schema: T, signal: AbortSignal | undefined): Promise<z.infer<T>> {
    return session.withToken(
      (token) =>
        callJson(session.endpoint, { method: 'GET', path: `/v1/archives/${kind}/${path}`, token, signal }, schema),
      signal,
    );
  }

  return {
    account: (signal) => session.account(signal),
    register: (clientReference, signal) => register(session, kind, clientReference, signal),
    unregister: (id, signal) => unregister(session, id, signal),
    connectorStatus: (id, signal) => connectorStatus(session, id, signal),

    async clock(signal) {
      const clock = await get('status', clockSchema, signal);
      return {
        now: new Date(clock.now),
        settledThrough: new Date(clock.settledThrough),
        earliestRetained: new Date(clock.earliestRetained),
      };
    },

    async items(range, cursor, limit, signal) {
      const query = rangeQuery(range);
      query.set('limit', String(limit));
      if (cursor !== null) query.set('cursor', cursor);
      return get(`items?${query}`, itemPageSchema, signal);
    },

    manifest: (range, signal) => get(`manifest?${rangeQuery(range)}`, manifestSchema, signal),

    async *users(signal) {
      const seen = new Set<string>();
      let cursor: string | null = null;
      do {
        const path: string = cursor === null ? 'users' : `users?${new URLSearchParams({ cursor })}`;
        const page: z.infer<typeof userPageSchema> = await get(path, userPageSchema, signal);
        for (const user of page.users) yield userOf(user);
        cursor = page.nextCursor;
        if (cursor !== null && seen.has(cursor))
          throw new SourceError('bad_answer', 'TeleMessage repeats a page of its users');
        if (cursor !== null) seen.add(cursor);
      } while (cursor !== null);
    },

    attachment: (id, offset, signal) => openAttachment(session, id, offset, signal),
  };
}

function rangeQuery(range: TimeRange): URLSearchParams {
  return new URLSearchParams({ from: range.from.toISOString(), to: range.to.toISOString() });
}

function userOf(user: z.infer<typeof userPageSchema>['users'][number]): SourceUser {
  return {
    mobile: user.mobile,
    email: user.email ?? null,
    name: user.name ?? null,
    status: user.status,
    lastArchivedTime: user.lastArchivedTime ?? null,
  };
}
