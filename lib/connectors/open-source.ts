/** The one way to TeleMessage: whoever signs in there, refused usernames and passwords are counted (`refused-logins.ts`). */
import type { SignedInSource } from '../archive/source.ts';
import { rememberingRefusal } from '../archive/telemessage/session.ts';
import { type TeleMessageSourceSettings, telemessageSource } from '../archive/telemessage/source.ts';
import type { Limits } from '../limits/limits.ts';
import { countingRefusals } from './refused-logins.ts';

export interface SourceToOpen extends Omit<TeleMessageSourceSettings, 'baseUrl'> {
  /** whose account it is taken for */
  readonly organizationId: string;
}

/** Nothing is asked of TeleMessage yet. @param baseUrl `TELEMESSAGE_URL` */
export function openTeleMessage(
  limits: Limits,
  baseUrl: string,
  { organizationId, guard = rememberingRefusal(), ...source }: SourceToOpen,
): SignedInSource {
  return telemessageSource({ ...source, baseUrl, guard: countingRefusals(limits, organizationId, guard) });
}
