import type { StepState } from '#lib/connectors/set-up/steps.ts';
import type { DraftView } from './draft-view.ts';

/** What every step of the wizard is given. */
export interface StepProps {
  readonly kind: { readonly slug: string; readonly name: string; readonly captures: 'app' | 'network' };
  /** `/data-connectors/<kind>` */
  readonly base: string;
  readonly steps: readonly StepState[];
  readonly draft: DraftView;
}
