/** The ways to write one path: `/me` for the signed-in person, `users('id')` for `users/id`. */
import { directoryErrors } from './directory-errors.ts';
import type { Caller } from './request.ts';

/** below a user, what lies in the mailbox and counts against its limits */
const MAIL = ['mailfolders', 'messages'];

/**
 * The path as the routes have it: keys as segments of their own, `/me` as the signed-in person.
 * @throws {GraphError} 400 for `/me` where nobody is signed in
 */
export function plainPath(segments: readonly string[], caller: Caller): readonly string[] {
  const plain = keysAsSegments(segments);
  const [first, ...rest] = plain;
  if (first?.toLowerCase() !== 'me') return plain;
  if (!caller.user) throw directoryErrors.needsPerson();
  return ['users', caller.user.id, ...rest];
}

/** The user whose mailbox a request works on; undefined for one that works on none. */
export function mailboxOf(segments: readonly string[], caller: Caller): string | undefined {
  const part = keysAsSegments(segments)[isMe(segments) ? 1 : 2];
  return MAIL.includes(part?.toLowerCase() ?? '') ? userOf(segments, caller.user?.id) : undefined;
}

/** The user at or below whom a path is, `me` for the signed-in person's own; undefined for any other path. */
export function userOf(segments: readonly string[], me: string | undefined): string | undefined {
  if (isMe(segments)) return me;
  const [collection, user] = keysAsSegments(segments);
  return collection?.toLowerCase() === 'users' ? user : undefined;
}

/** Whether a path begins with `/me`. */
export function isMe(segments: readonly string[]): boolean {
  return segments[0]?.toLowerCase() === 'me';
}

function keysAsSegments(segments: readonly string[]): readonly string[] {
  return segments.some((segment) => segment.endsWith("')")) ? segments.flatMap(keyAsSegment) : segments;
}

function keyAsSegment(segment: string): readonly string[] {
  const key = /^(\w+)\('((?:[^']|'')*)'\)$/.exec(segment);
  return key?.[1] === undefined ? [segment] : [key[1], (key[2] ?? '').replaceAll("''", "'")];
}
