'use server';

import { z } from 'zod';
import { requireActor } from '#app/authentication.ts';
import { commandParts } from '#lib/connectors/portal-parts.ts';
import { requestVerification, type VerificationRequestResult } from '#lib/coverage/request.ts';

const idSchema = z.guid();

export async function verifyAction(connectorId: string): Promise<VerificationRequestResult> {
  return requestVerification(commandParts(), await requireActor('mapping.manage'), idSchema.parse(connectorId));
}
