'use server';

import { z } from 'zod';
import { requireActor } from '#app/authentication.ts';
import { type DeleteChoice, type DeleteResult, deleteConnector } from '#lib/connectors/delete.ts';
import { type SetFallbackResult, setFallbackMailbox } from '#lib/connectors/fallback-mailbox.ts';
import { letOthersFollow } from '#lib/connectors/first-user.ts';
import {
  liftStop,
  type NewCredentials,
  type UpdateCredentialsResult,
  updateCredentials,
} from '#lib/connectors/mend.ts';
import { commandParts, fallbackParts, mendParts } from '#lib/connectors/portal-parts.ts';
import { type NewName, type RenameResult, renameConnector } from '#lib/connectors/rename.ts';
import { type NewSchedule, type SetScheduleResult, setSchedule } from '#lib/connectors/set-schedule.ts';
import { type CloseAlert, type CloseAlertResult, closeAlert } from '#lib/imports/alerts.ts';
import { type CancelResult, cancelImport, type ImportChoice } from '#lib/imports/cancel.ts';
import { type CommandResult, importNow, pauseConnector, resumeConnector } from '#lib/imports/commands.ts';
import { UNDONE_KINDS } from '#lib/imports/counts.ts';
import { type RepeatResult, repeatRange } from '#lib/imports/repeat.ts';
import { type RetryResult, retryCopies } from '#lib/imports/retry.ts';
import { type SignOffResult, signOff } from '#lib/imports/sign-off.ts';
import { SIGN_OFF_REASONS } from '#lib/imports/sign-off-reasons.ts';
import { parseRowKey } from '#lib/imports/undone-rows.ts';
import { type Confirmation, type ConfirmResult, confirmMapping } from '#lib/recovery/confirm.ts';

// What a browser sends to an action has no type until it is parsed.
const idSchema = z.guid();
/** A single row, by its key. */
const rowKeySchema = z.string().transform((key, context) => {
  const row = parseRowKey(key);
  if (row !== null) return row;
  context.addIssue({ code: 'custom', message: 'not the key of a row' });
  return z.NEVER;
});
const credentialsSchema = z.object({
  connectorId: idSchema,
  username: z.string().min(1).max(320),
  password: z.string().min(1).max(1024),
});
const fallbackSchema = z.object({
  connectorId: idSchema,
  address: z.string().max(320).nullable(),
  seen: z.string().max(320).nullable(),
});
const nameSchema = z.object({ connectorId: idSchema, name: z.string().max(1000), seen: z.string().max(1000) });
const scheduleSchema = z.object({ connectorId: idSchema, hour: z.number().nullable(), seen: z.number().nullable() });
const importChoiceSchema = z.object({ connectorId: idSchema, importId: idSchema });
const rangeSchema = z.object({ connectorId: idSchema, from: z.iso.datetime(), to: z.iso.datetime() });
const deleteSchema = z.object({ connectorId: idSchema, name: z.string().max(1000) });
const selection = {
  connectorId: idSchema,
  reason: z.string().max(100).nullable(),
  importId: idSchema.nullable(),
  one: rowKeySchema.nullable(),
};
const retrySchema = z.object({ ...selection, kind: z.enum(['failed', 'partial']) });
const closeAlertSchema = z.object({
  connectorId: idSchema,
  alertId: z.string().regex(/^\d{1,18}$/),
  comment: z.string().max(10_000),
});
const signOffSchema = z.object({
  selection: z.object({ ...selection, kind: z.enum(UNDONE_KINDS) }),
  reason: z.enum(SIGN_OFF_REASONS),
  comment: z.string().max(10_000),
  expected: z.number().int().positive(),
});

const confirmationSchema = z.object({
  connectorId: idSchema,
  versionId: idSchema.nullable(),
  without: z.number().int().nullable(),
});

export async function confirmMappingAction(confirmation: Confirmation): Promise<ConfirmResult> {
  return confirmMapping(commandParts(), await requireActor('mapping.manage'), confirmationSchema.parse(confirmation));
}

export async function importNowAction(connectorId: string): Promise<CommandResult> {
  return importNow(commandParts(), await requireActor('connectors.manage'), idSchema.parse(connectorId));
}

export async function pauseAction(connectorId: string): Promise<CommandResult> {
  return pauseConnector(commandParts(), await requireActor('connectors.manage'), idSchema.parse(connectorId));
}

export async function resumeAction(connectorId: string): Promise<CommandResult> {
  return resumeConnector(commandParts(), await requireActor('connectors.manage'), idSchema.parse(connectorId));
}

export async function updateCredentialsAction(credentials: NewCredentials): Promise<UpdateCredentialsResult> {
  return updateCredentials(mendParts(), await requireActor('connectors.manage'), credentialsSchema.parse(credentials));
}

export async function liftStopAction(connectorId: string): Promise<'done' | 'not_found' | 'unchanged'> {
  return liftStop(mendParts(), await requireActor('connectors.manage'), idSchema.parse(connectorId));
}

export async function deleteConnectorAction(choice: DeleteChoice): Promise<DeleteResult> {
  return deleteConnector(mendParts(), await requireActor('connectors.manage'), deleteSchema.parse(choice));
}

export async function setFallbackAction(choice: z.input<typeof fallbackSchema>): Promise<SetFallbackResult> {
  return setFallbackMailbox(fallbackParts(), await requireActor('connectors.manage'), fallbackSchema.parse(choice));
}

export async function renameAction(choice: NewName): Promise<RenameResult> {
  return renameConnector(commandParts(), await requireActor('connectors.manage'), nameSchema.parse(choice));
}

export async function setScheduleAction(choice: NewSchedule): Promise<SetScheduleResult> {
  return setSchedule(commandParts(), await requireActor('connectors.manage'), scheduleSchema.parse(choice));
}

export async function letOthersFollowAction(connectorId: string): Promise<'done' | 'unchanged' | 'not_found'> {
  return letOthersFollow(commandParts(), await requireActor('connectors.manage'), idSchema.parse(connectorId));
}

export async function cancelImportAction(choice: ImportChoice): Promise<CancelResult> {
  return cancelImport(commandParts(), await requireActor('connectors.manage'), importChoiceSchema.parse(choice));
}

export async function repeatRangeAction(choice: z.input<typeof rangeSchema>): Promise<RepeatResult> {
  const actor = await requireActor('connectors.manage');
  const { connectorId, from, to } = rangeSchema.parse(choice);
  const range = { from: new Date(from), to: new Date(to) };
  return repeatRange(commandParts(), actor, { connectorId, range });
}

export async function retryAction(choice: z.input<typeof retrySchema>): Promise<RetryResult> {
  return retryCopies(commandParts(), await requireActor('imports.retry'), retrySchema.parse(choice));
}

export async function closeAlertAction(close: CloseAlert): Promise<CloseAlertResult> {
  return closeAlert(commandParts(), await requireActor('items.sign-off'), closeAlertSchema.parse(close));
}

export async function signOffAction(request: z.input<typeof signOffSchema>): Promise<SignOffResult> {
  return signOff(commandParts(), await requireActor('items.sign-off'), signOffSchema.parse(request));
}
