/** A fault rule as it is asked for: which requests it strikes, and what happens to them. */
import { z } from 'zod';
import { faultSchema, serviceNames } from './fault.ts';
import { whyNever } from './fault-reach.ts';

/** characters; a rule is compared with every request */
const LONGEST_ROUTE = 300;

export const faultRuleSchema = z
  .strictObject({
    service: z.enum(serviceNames),
    /** `METHOD /path`, where `*` stands for anything: `POST /v1.0/users/*`. The query does not count */
    route: z
      .string()
      .min(1)
      .max(LONGEST_ROUTE, { abort: true, error: `A route has at most ${LONGEST_ROUTE} characters.` })
      .default('*'),
    /** the mailbox of this object id, principal name or address, however the request names it; any when missing */
    mailbox: z.string().min(1).optional(),
    /** share of the matching requests that are struck */
    rate: z.number().gt(0).max(1).default(1),
    /** how many requests are struck in all; unlimited when missing */
    count: z.number().int().min(1).optional(),
    /** how many matching requests pass first */
    after: z.number().int().min(0).default(0),
    fault: faultSchema,
  })
  .superRefine((rule, context) => {
    const never = whyNever(rule);
    if (never) context.addIssue({ code: 'custom', path: [...never.path], message: never.sentence });
  });

export type FaultRule = z.infer<typeof faultRuleSchema>;

/** The object id of whoever owns a mailbox, by any of their names; undefined where nobody has it. */
export type MailboxOwner = (idOrAddress: string) => string | undefined;

/** The same for a directory: a rule for a mailbox that nobody has is refused too. */
export function faultRuleSchemaFor(ownerOf: MailboxOwner): z.ZodType<FaultRule> {
  return faultRuleSchema.superRefine(({ service, mailbox }, context) => {
    if (service !== 'graph' || mailbox === undefined || ownerOf(mailbox) !== undefined) return;
    const message = 'Nobody has this object id, user principal name or address.';
    context.addIssue({ code: 'custom', path: ['mailbox'], message });
  });
}
