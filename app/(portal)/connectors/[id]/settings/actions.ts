'use server';

import { z } from 'zod';
import { requireActor } from '#app/authentication.ts';
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
