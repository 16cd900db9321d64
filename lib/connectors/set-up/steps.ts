/** The wizard's steps, as data. Order, progress and what may be opened all follow from this list. Pure. */
import type { Draft } from './draft.ts';

export const STEPS = [
  { id: 'terms', isDone: (draft: Draft) => draft.terms !== null },
  { id: 'login', isDone: (draft: Draft) => draft.login !== null },
  { id: 'mapping', isDone: (draft: Draft) => draft.mapping.confirmedAt !== null },
  { id: 'consent', isDone: (draft: Draft) => draft.consent.provenAt !== null },
  { id: 'review', isDone: () => false },
] as const;

export type StepId = (typeof STEPS)[number]['id'];

export interface StepState {
  readonly id: StepId;
  readonly done: boolean;
  /** every earlier step is done */
  readonly open: boolean;
}

export function stepStates(draft: Draft): readonly StepState[] {
  let open = true;
  return STEPS.map(({ id, isDone }) => {
    const state = { id, done: isDone(draft), open };
    open &&= state.done;
    return state;
  });
}

/** Where the work goes on: the first step that is not done. */
export function currentStep(draft: Draft): StepId {
  return stepStates(draft).find(({ done }) => !done)?.id ?? 'review';
}

/** The step of this name, where it may be opened; otherwise the one to go to instead. */
export function openStep(draft: Draft, wanted: string): StepId {
  return stepStates(draft).find(({ id, open }) => id === wanted && open)?.id ?? currentStep(draft);
}

export function isStep(text: string): text is StepId {
  return STEPS.some(({ id }) => id === text);
}

/** null before the first. */
export function stepBefore(step: StepId): StepId | null {
  return STEPS[STEPS.findIndex(({ id }) => id === step) - 1]?.id ?? null;
}

/** null after the last. */
export function stepAfter(step: StepId): StepId | null {
  return STEPS[STEPS.findIndex(({ id }) => id === step) + 1]?.id ?? null;
}
