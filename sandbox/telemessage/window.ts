/** Windows of the feed as a client asks for them, and the cursors that are bound to them. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { FeedPosition } from '../phones/item.ts';
import { DAY_MS } from '../phones/rhythm.ts';
import { refusals } from './refusal.ts';

const LONGEST_WINDOW_MS = 31 * DAY_MS;
const CURSOR_LIFETIME_MS = DAY_MS;

/** Half-open range of arrival, ms since the epoch. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const windowSchema = z.object({ from: time, to: time });

/**
 * Reads `from` and `to` of a query.
 * @throws {Refusal} 411 where they are no window, 412 where the window ends behind the settled horizon
 */
export function readWindow(query: unknown, settledThrough: number): Window {
  const window = windowSchema.safeParse(query).data;
  if (window === undefined || window.from >= window.to || window.to - window.from > LONGEST_WINDOW_MS) {
    throw refusals.badWindow();
  }
  if (window.to > settledThrough) throw refusals.notSettled();
  return window;
}

/** What a cursor is good for: it is refused with any other feed, window or limit. */
export interface CursorScope extends Window {
  readonly feed: string;
  readonly limit: number;
}

const placeSchema = z.object({ at: z.number(), id: z.string(), occurrence: z.number(), issued: z.number() });

export interface Cursors {
  write(scope: CursorScope, place: FeedPosition, now: number): string;
  /** @throws {Refusal} 410 where it is not one of ours, of another scope, or older than 24 hours */
  read(scope: CursorScope, cursor: string, now: number): FeedPosition;
}

/** Cursors that carry their place, signed with `key` together with their scope. */
export function cursors(key: string): Cursors {
  const sign = (scope: CursorScope, place: string): Buffer =>
    createHmac('sha256', key)
      .update(JSON.stringify([scope.feed, scope.from, scope.to, scope.limit, place]))
      .digest()
      .subarray(0, 16);

  return {
    write: (scope, { at, id, occurrence }, now) => {
      const place = Buffer.from(JSON.stringify({ at, id, occurrence, issued: now })).toString('base64url');
      return `${place}.${sign(scope, place).toString('base64url')}`;
    },
    read: (scope, cursor, now) => {
      const [place = '', signature = ''] = cursor.split('.');
      const expected = sign(scope, place);
      const given = Buffer.from(signature, 'base64url');
      if (given.byteLength !== expected.byteLength || !timingSafeEqual(given, expected)) throw refusals.cursorExpired();
      const read = placeSchema.parse(JSON.parse(Buffer.from(place, 'base64url').toString('utf8')));
      if (now - read.issued > CURSOR_LIFETIME_MS) throw refusals.cursorExpired();
      return { at: read.at, id: read.id, occurrence: read.occurrence };
    },
  };
}
