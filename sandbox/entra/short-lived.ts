/** Token requests that a fault rule strikes with `expire`: what they are given is over at once. */
import type { IncomingMessage } from 'node:http';

const struck = new WeakSet<IncomingMessage>();

/** From now on `isShortLived` says so of this request. */
export function makeShortLived(request: IncomingMessage): void {
  struck.add(request);
}

export function isShortLived(request: IncomingMessage): boolean {
  return struck.has(request);
}
