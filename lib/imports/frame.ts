/** What a sealed frame holds: the item, and the mailboxes of its parties as they were when it was collected. */
import { z } from 'zod';
import { itemSchema } from '../archive/item.ts';
import type { FannedOutItem } from './fan-out.ts';
import type { Mended } from './page.ts';

const frameSchema = z.object({
  item: itemSchema,
  mailboxes: z.record(z.string(), z.object({ address: z.string(), name: z.string() })),
  mended: z.object({ fields: z.array(z.string()), original: z.string() }).optional(),
});

export type StagedItem = z.infer<typeof frameSchema>;

export function encodeFrame(
  { item, mailboxes }: Pick<FannedOutItem, 'item' | 'mailboxes'>,
  mended: Mended | null,
): Buffer {
  return Buffer.from(JSON.stringify({ item, mailboxes, ...(mended === null ? {} : { mended }) }), 'utf8');
}

/** @throws ZodError where the frame is not one of ours; its seal was verified before */
export function decodeFrame(body: Buffer): StagedItem {
  return frameSchema.parse(JSON.parse(body.toString('utf8')));
}
