/** The sentence for each way in which a source, or we, refuse an account. */
import * as text from '#components/text/text.ts';
import type { AlreadyLive, SourceRefusal } from '#lib/connectors/set-up/login.ts';
import type { StepProblem } from './wizard-shell.tsx';

const words = text.wizard.login.refusals;

/** How long to ask people to wait where the source did not say. */
const DEFAULT_WAIT_SECONDS = 60;

export function loginRefusal(
  refusal: SourceRefusal | AlreadyLive | { readonly kind: 'no_draft' },
  kindName: string,
): StepProblem {
  if (refusal.kind === 'no_draft') return { sentence: text.wizard.draftGone };
  if (refusal.kind === 'already_live')
    return { sentence: words.already_live(refusal.connectorName), field: 'username' };
  return sourceProblem(refusal, kindName);
}

export function sourceProblem(refusal: SourceRefusal, kindName: string): StepProblem {
  switch (refusal.failure) {
    case 'invalid_credentials':
      return { sentence: words.invalid_credentials, field: 'password' };
    case 'suspended':
      return { sentence: words.suspended, field: 'username' };
    case 'pin_required':
      return { sentence: words.pin_required, field: 'username' };
    case 'kind_not_ordered':
      return { sentence: words.kind_not_ordered(kindName), field: 'username' };
    case 'login_paused':
      return { sentence: words.login_paused(refusal.retryAfterSeconds ?? DEFAULT_WAIT_SECONDS) };
    case 'throttled':
      return { sentence: words.throttled(refusal.retryAfterSeconds ?? DEFAULT_WAIT_SECONDS) };
    case 'unreachable':
      return { sentence: words.unreachable(refusal.host) };
    default:
      return { sentence: words.bad_answer(refusal.host) };
  }
}
