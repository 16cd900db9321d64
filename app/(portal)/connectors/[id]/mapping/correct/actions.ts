'use server';

import { z } from 'zod';
import { requireActor } from '#app/authentication.ts';
import { commandParts } from '#lib/connectors/portal-parts.ts';
import { type StartResult, startCorrection } from '#lib/corrections/start.ts';
import {
  confirmCopying,
  confirmRemoval,
  endCorrection,
  listAgain,
  lookAgain,
  type StepResult,
} from '#lib/corrections/steps.ts';

// What a browser sends to an action has no type until it is parsed.
const startSchema = z.object({
  connectorId: z.guid(),
  number: z.string().max(100),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  reason: z.string().max(10_000),
});
const choiceSchema = z.object({ connectorId: z.guid(), correctionId: z.guid() });
const confirmedSchema = choiceSchema.extend({ expected: z.number().int().positive() });

export async function startCorrectionAction(choice: z.input<typeof startSchema>): Promise<StartResult> {
  const actor = await requireActor('mapping.manage');
  const { from, to, ...rest } = startSchema.parse(choice);
  const period = { from: new Date(from), to: new Date(to) };
  return startCorrection(commandParts(), actor, { ...rest, ...period });
}

export async function confirmCopyingAction(choice: z.input<typeof confirmedSchema>): Promise<StepResult> {
  return confirmCopying(commandParts(), await requireActor('mapping.manage'), confirmedSchema.parse(choice));
}

export async function confirmRemovalAction(choice: z.input<typeof confirmedSchema>): Promise<StepResult> {
  return confirmRemoval(commandParts(), await requireActor('mapping.manage'), confirmedSchema.parse(choice));
}

export async function listAgainAction(choice: z.input<typeof choiceSchema>): Promise<StepResult> {
  return listAgain(commandParts(), await requireActor('mapping.manage'), choiceSchema.parse(choice));
}

export async function lookAgainAction(choice: z.input<typeof choiceSchema>): Promise<StepResult> {
  return lookAgain(commandParts(), await requireActor('mapping.manage'), choiceSchema.parse(choice));
}

export async function endCorrectionAction(choice: z.input<typeof choiceSchema>): Promise<StepResult> {
  return endCorrection(commandParts(), await requireActor('mapping.manage'), choiceSchema.parse(choice));
}
