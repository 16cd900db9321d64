/** What a notice says, as it lies in the outbox and as a webhook carries it. Names, counts, codes and times only. */
import { z } from 'zod';
import { HEALTH_STATES } from '../connectors/health.ts';
import { EVENTS } from './events.ts';

const time = z.iso.datetime();
const connector = z.object({ id: z.guid(), name: z.string() });
const condition = {
  connector,
  event: z.enum(EVENTS),
  /** the reason's code, or what it is about */
  subject: z.string(),
  detail: z.record(z.string(), z.union([z.number(), z.string()])),
  /** the same in the notice of its end */
  condition: z.string(),
  beganAt: time,
};

const singleSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('began'), ...condition }),
  z.object({
    kind: z.literal('ended'),
    ...condition,
    endedAt: time,
    /** false: the notice of its beginning never got through, and this one tells both */
    beginningSent: z.boolean().default(true),
  }),
  z.object({
    kind: z.literal('mapping_changed'),
    connector,
    version: z.number().int(),
    rows: z.number().int(),
    at: time,
  }),
  z.object({
    kind: z.literal('summary'),
    connector,
    at: time,
    health: z.enum(HEALTH_STATES),
    balancedUpTo: time.nullable(),
    /** imports are paused since; null: they are not */
    pausedAt: time.nullable(),
    /** of the last import that was completed; null where there is none */
    last: z
      .object({ number: z.number().int(), listed: z.number(), imported: z.number(), repeat: z.number() })
      .nullable(),
    toDo: z.object({ waiting: z.number(), failed: z.number(), unreadable: z.number() }),
    /** what is in no mailbox, or not wholly, for seven days or longer: copies and unreadable items; null where nothing is */
    held: z.object({ count: z.number(), oldest: time }).nullable().default(null),
    /** conditions that are told and not over */
    open: z.array(z.object({ event: z.enum(EVENTS), subject: z.string(), beganAt: time })),
  }),
  z.object({ kind: z.literal('heartbeat'), connector, import: z.number().int() }),
  z.object({ kind: z.literal('test'), connector, at: time }),
]);

/** Of one connector: what a webhook carries. */
export type Single = z.infer<typeof singleSchema>;

/** Of several connectors, all of one kind and cause: what a mail is made of, also where it is one only. */
const bundleSchema = z.object({ kind: z.literal('bundle'), items: z.array(singleSchema).min(1) });

export const contentSchema = z.union([bundleSchema, singleSchema]);
export type NoticeContent = z.infer<typeof contentSchema>;

/** The single ones of a content. */
export function singlesOf(content: NoticeContent): readonly Single[] {
  return content.kind === 'bundle' ? content.items : [content];
}

/** What may be told in one mail: condition and reason, or the kind of notice. */
export function causeOf(content: Single): string {
  return 'event' in content ? `${content.event} ${content.subject}` : content.kind;
}
