import * as text from '#components/text/text.ts';
import type { StepId } from '#lib/connectors/set-up/steps.ts';

export const STEP_TITLES: Readonly<Record<StepId, string>> = {
  terms: text.wizard.terms.title,
  login: text.wizard.login.title,
  mapping: text.wizard.mapping.title,
  consent: text.wizard.consent.title,
  review: text.wizard.review.title,
};
