'use server';

import { z } from 'zod';
import { requireActor } from '#app/authentication.ts';
import type { ApplyResult, DiscardResult } from '#lib/connectors/mapping/apply.ts';
import type { ApproveResult, RequestApprovalResult } from '#lib/connectors/mapping/approval.ts';
import type { FoundMembers } from '#lib/connectors/mapping/find-members.ts';
import type { MapNumberResult } from '#lib/connectors/mapping/map-number.ts';
import type { ProposeAgainResult } from '#lib/connectors/mapping/propose.ts';
import {
  type ApplyInput,
  applyVersion,
  approveVersion,
  type ChangeRuleResult,
  changeRule,
  declineVersion,
  discardProposal,
  findMembers,
  forgetDifference,
  mapNumber,
  proposeAgain,
  requestApproval,
  restoreVersion,
  setApprovalDemanded,
} from '#lib/connectors/mapping/use-cases.ts';
import type { RestoreResult } from '#lib/connectors/mapping/versions.ts';
import { comparingParts, mappingParts } from '#lib/connectors/portal-parts.ts';

// What a browser sends to an action has no type until it is parsed.
const choice = { connectorId: z.guid(), versionId: z.guid() };
const choiceSchema = z.object(choice);
const typed = z.string().max(1000).nullable();
const reason = z.string().max(10_000);
const requestSchema = z.object({ ...choice, base: z.guid().nullable(), reason, shiftedConfirmation: typed });
const applySchema = requestSchema.extend({ confirmation: typed });
const approveSchema = requestSchema.omit({ reason: true });
const declineSchema = z.object({ ...choice, reason });
const mapNumberSchema = z.object({
  connectorId: z.guid(),
  number: z.string().max(64),
  mailbox: z.string().max(320),
  from: z.iso.datetime().nullable(),
  reason,
});
const comparedSchema = z.object({ ...choice, against: z.guid().nullable() });
const againSchema = z.object({ ...choice, portalRows: z.enum(['keep', 'remove']).nullable() });

const ruleSchema = z.object({
  connectorId: z.guid(),
  automatic: z.boolean(),
  defaultRegion: z.string().max(2),
  seen: z.object({ automatic: z.boolean(), defaultRegion: z.string().max(2) }),
});

export async function changeRuleAction(input: z.input<typeof ruleSchema>): Promise<ChangeRuleResult> {
  return changeRule(mappingParts(), await requireActor('mapping.manage'), ruleSchema.parse(input));
}

export async function applyAction(input: ApplyInput): Promise<ApplyResult> {
  return applyVersion(mappingParts(), await requireActor('mapping.manage'), applySchema.parse(input));
}

export async function requestApprovalAction(input: z.input<typeof requestSchema>): Promise<RequestApprovalResult> {
  return requestApproval(mappingParts(), await requireActor('mapping.approve'), requestSchema.parse(input));
}

export async function approveAction(input: z.input<typeof approveSchema>): Promise<ApproveResult> {
  return approveVersion(mappingParts(), await requireActor('mapping.approve'), approveSchema.parse(input));
}

export async function declineAction(
  input: z.input<typeof declineSchema>,
): Promise<{ readonly kind: 'declined' | 'bad_reason' | 'not_requested' | 'not_found' }> {
  return declineVersion(mappingParts(), await requireActor('mapping.approve'), declineSchema.parse(input));
}

export async function discardAction(input: z.input<typeof choiceSchema>): Promise<DiscardResult> {
  return discardProposal(mappingParts(), await requireActor('mapping.manage'), choiceSchema.parse(input));
}

export async function compareAgainAction(input: z.input<typeof againSchema>): Promise<ProposeAgainResult> {
  return proposeAgain(mappingParts(), await requireActor('mapping.manage'), againSchema.parse(input));
}

export async function restoreAction(input: z.input<typeof choiceSchema>): Promise<RestoreResult> {
  return restoreVersion(mappingParts(), await requireActor('mapping.manage'), choiceSchema.parse(input));
}

export async function findMembersAction(typed: string): Promise<FoundMembers> {
  return findMembers(mappingParts(), await requireActor('mapping.manage'), z.string().max(100).parse(typed));
}

export async function mapNumberAction(choice: z.input<typeof mapNumberSchema>): Promise<MapNumberResult> {
  const actor = await requireActor('mapping.manage');
  const { from, ...input } = mapNumberSchema.parse(choice);
  const since = from === null ? {} : { from: new Date(from) };
  return mapNumber(mappingParts(), actor, { ...input, ...since });
}

export async function countAgainAction(input: z.input<typeof comparedSchema>): Promise<void> {
  await forgetDifference(comparingParts(), await requireActor('connectors.read'), comparedSchema.parse(input));
}

export async function setApprovalAction(demanded: boolean): Promise<'done' | 'unchanged' | 'asked'> {
  return setApprovalDemanded(mappingParts(), await requireActor('mapping.approve'), z.boolean().parse(demanded));
}
