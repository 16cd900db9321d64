/** What the portal answers a browser that shows the last import of a connector. */
import { z } from 'zod';
import { countsSchema } from './counts-schema.ts';

const time = z.iso.datetime();

export const lastImportSchema = z.object({
  number: z.number().int(),
  windowStart: time,
  windowEnd: time,
  completedAt: time,
  /** as they are now */
  counts: countsSchema,
});

export type LastImport = z.infer<typeof lastImportSchema>;
