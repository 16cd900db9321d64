/** Why new credentials were not taken, and what to do. Pure. */
import * as text from '#components/text/text.ts';
import type { UpdateCredentialsResult } from '#lib/connectors/mend.ts';

type Refused = Extract<UpdateCredentialsResult, { kind: 'refused' }>;

export function credentialsProblem(
  result: Exclude<UpdateCredentialsResult, { kind: 'done' }>,
  connectorName: string,
): string {
  switch (result.kind) {
    case 'not_found':
      return text.problems.notFound;
    case 'other_account':
      return text.connectors.mend.otherAccount(result.accountName);
    case 'refused':
      return refusalOf(result, connectorName);
  }
}

function refusalOf({ failure, retryAfterSeconds, host }: Refused, connectorName: string): string {
  const words = text.wizard.login.refusals;
  switch (failure) {
    case 'invalid_credentials':
    case 'suspended':
    case 'pin_required':
      return words[failure];
    case 'kind_not_ordered':
      return words.kind_not_ordered(connectorName);
    case 'login_paused':
    case 'throttled':
      return words[failure](retryAfterSeconds ?? 60);
    case 'unreachable':
      return words.unreachable(host);
    default:
      return words.bad_answer(host);
  }
}
