/** What a sealed frame holds: the item, and the mailboxes of its parties as they were when it was collected. */
import { z } from 'zod';
import { itemSchema } from '../archive/item.ts';
import type { FannedOutItem } from './fan-out.ts';
import type { Mended } from './page.ts';

const frameSchema = z.object({
  item: itemSchema,
  mailboxes: z.record(z.string(), z.object({ address: z.string(), name: z.string() })),
  mended: z.object({ fields: z.array(z.string()).readonly(), original: z.string() }).optional(),
});

export type StagedItem = z.infer<typeof frameSchema>;

/**
 * Says of a frame that its item passed this schema before it was sealed, so that it need not pass again when it is
 * opened. To be counted up with every change of `itemSchema` or of this one: frames of another number are parsed.
 */
const VERSION = 1;

/** What a frame of it holds. */
export function stagedItem(
  { item, mailboxes }: Pick<FannedOutItem, 'item' | 'mailboxes'>,
  mended: Mended | null,
): StagedItem {
  return { item, mailboxes, ...(mended === null ? {} : { mended }) };
}

export function encodeFrame(fannedOut: Pick<FannedOutItem, 'item' | 'mailboxes'>, mended: Mended | null): Buffer {
  return Buffer.from(JSON.stringify({ version: VERSION, ...stagedItem(fannedOut, mended) }), 'utf8');
}

/** @throws ZodError, SyntaxError where the frame is not one of ours; its seal was verified before */
export function decodeFrame(body: Buffer): StagedItem {
  const frame: unknown = JSON.parse(body.toString('utf8'));
  return isOfThisVersion(frame) ? frame : frameSchema.parse(frame);
}

/** What carries the number was written by `encodeFrame`, and nobody else has the key. */
function isOfThisVersion(frame: unknown): frame is StagedItem {
  return typeof frame === 'object' && frame !== null && 'version' in frame && frame.version === VERSION;
}
