'use server';

import { z } from 'zod';
import { requireActor } from '#app/authentication.ts';
import {
  liftStop,
  type NewCredentials,
  type UpdateCredentialsResult,
  updateCredentials,
} from '#lib/connectors/mend.ts';
import { commandParts, mendParts } from '#lib/connectors/portal-parts.ts';
import { type CommandResult, importNow, pauseConnector, resumeConnector } from '#lib/imports/commands.ts';

// What a browser sends to an action has no type until it is parsed.
const idSchema = z.guid();
const credentialsSchema = z.object({
  connectorId: idSchema,
  username: z.string().min(1).max(320),
  password: z.string().min(1).max(1024),
});

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
