/**
 * Signatures of webhooks after the Standard Webhooks specification: HMAC-SHA256 over id, timestamp and body, so that a
 * receiver can refuse what is altered, old, or was seen before.
 */
import { createHmac, randomBytes } from 'node:crypto';

const PREFIX = 'whsec_';

/** A new secret as a receiver's library takes it: `whsec_` and 32 random bytes in base64. */
export function newWebhookSecret(): string {
  return PREFIX + randomBytes(32).toString('base64');
}

/**
 * The headers `webhook-id`, `webhook-timestamp` and `webhook-signature`.
 *
 * @param secret as `newWebhookSecret` makes it
 * @param id the same on every attempt
 */
export function signatureHeaders(secret: string, id: string, at: Date, body: string): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
