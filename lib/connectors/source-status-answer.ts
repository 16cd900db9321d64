/** What the portal answers a browser that asks for *Connector status with source*. */
import { z } from 'zod';

export const sourceStatusAnswerSchema = z.discriminatedUnion('known', [
  z.object({
    known: z.literal(true),
    status: z.object({
      status: z.enum(['active', 'suspended']),
      /** as the source gives it; null where nothing was archived yet */
      lastArchivedTime: z.string().nullable(),
      devices: z.number().int().nullable(),
      dormantDevices: z.number().int().nullable(),
    }),
  }),
  /** the source could not be asked; `reason` is a code of `lib/imports/reasons.ts` */
  z.object({ known: z.literal(false), reason: z.string() }),
]);

export type SourceStatusAnswer = z.infer<typeof sourceStatusAnswerSchema>;
