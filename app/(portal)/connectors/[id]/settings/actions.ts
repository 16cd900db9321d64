'use server';

import { z } from 'zod';
import { requireActor } from '#app/authentication.ts';
import {
  type LookResult,
  lookAtMailboxLimit,
  type MailboxLimit,
  type NewMailboxLimit,
  type SetMailboxLimitResult,
  setMailboxLimit,
} from '#lib/connectors/mailbox-limit.ts';
import { mendParts } from '#lib/connectors/portal-parts.ts';
import { limits } from '#lib/limits/composition.ts';
import type { TooManyRequests } from '#lib/limits/limits.ts';
import type { ConsentMode } from '#lib/microsoft/prove-consent.ts';
import { notificationParts } from '#lib/notifications/composition.ts';
import { type TestResult, testNotices } from '#lib/notifications/send-test.ts';
import {
  type SetNotices,
  type SetNoticesResult,
  type SetUrl,
  type SetUrlResult,
  setHeartbeat,
  setNotices,
  setWebhook,
} from '#lib/notifications/settings.ts';

const idSchema = z.guid();
const notices = {
  addresses: z.array(z.string().max(320)).max(1_000),
  waitingAbove: z.number().int().min(0).max(1_000_000),
  dailySummary: z.boolean(),
  summaryHour: z.number().int().min(0).max(23),
};
const noticesSchema = z.object({ connectorId: idSchema, ...notices, seen: z.object(notices) });
const urlSchema = z.object({
  connectorId: idSchema,
  url: z.string().max(2_000).nullable(),
  seen: z.string().max(64).nullable(),
});

const modeSchema = z.enum(['all', 'chosen']);
const addressSchema = z.string().max(400);
const limitSchema = z.object({
  connectorId: idSchema,
  mode: modeSchema,
  inside: addressSchema,
  outside: addressSchema,
  seen: z.object({ mode: modeSchema, inside: addressSchema.nullable(), outside: addressSchema.nullable() }),
});

export async function lookAtMailboxLimitAction(connectorId: string, mode: ConsentMode): Promise<LookResult | null> {
  const actor = await requireActor('connectors.manage');
  const input = z.object({ connectorId: idSchema, mode: modeSchema }).parse({ connectorId, mode });
  return lookAtMailboxLimit(mendParts(), actor, input);
}

export async function setMailboxLimitAction(
  choice: NewMailboxLimit & { readonly seen: MailboxLimit },
): Promise<SetMailboxLimitResult | TooManyRequests> {
  const actor = await requireActor('connectors.manage');
  const input = limitSchema.parse(choice);
  if (input.mode === 'chosen') {
    const taken = await limits().take('mailbox-trial', actor.organizationId, actor.userId);
    if (!taken.allowed) return { kind: 'too_many', retryAfterSeconds: taken.retryAfterSeconds };
  }
  return setMailboxLimit(mendParts(), actor, input);
}

export async function setNoticesAction(choice: SetNotices): Promise<SetNoticesResult> {
  return setNotices(notificationParts(), await requireActor('connectors.manage'), noticesSchema.parse(choice));
}

export async function setWebhookAction(choice: SetUrl): Promise<SetUrlResult> {
  return setWebhook(notificationParts(), await requireActor('connectors.manage'), urlSchema.parse(choice));
}

export async function setHeartbeatAction(choice: SetUrl): Promise<SetUrlResult> {
  return setHeartbeat(notificationParts(), await requireActor('connectors.manage'), urlSchema.parse(choice));
}

export async function testNoticesAction(connectorId: string): Promise<TestResult> {
  return testNotices(notificationParts(), await requireActor('connectors.manage'), idSchema.parse(connectorId));
}
