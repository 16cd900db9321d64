import { redirect } from 'next/navigation';
import { sourceProblem } from '#components/wizard/login-refusal.ts';
import { ReviewStep } from '#components/wizard/review-step.tsx';
import type { StepProps } from '#components/wizard/step-props.ts';
import { setUpParts } from '#lib/connectors/composition.ts';
import { regions } from '#lib/connectors/regions.ts';
import { type Draft, review } from '#lib/connectors/set-up/use-cases.ts';
import type { Actor } from '#lib/security/actor.ts';
import { finishAction } from '../../actions.ts';

interface Props {
  readonly actor: Actor;
  readonly draft: Draft;
  readonly folder: string;
  readonly step: StepProps;
}

/** The last step asks the source and the directory before it can be shown. */
export async function ReviewPage({ actor, draft, folder, step }: Props) {
  const result = await review(setUpParts(), actor, { draftId: draft.id });
  if (result.kind === 'no_draft') redirect(step.base);
  const { range, coverage, folders } = result;
  const region = regions().find(({ code }) => code === draft.mapping.defaultRegion);
  return (
    <ReviewStep
      {...step}
      folder={folder}
      regionName={region?.name ?? draft.mapping.defaultRegion}
      coverage={coverage}
      folders={folders}
      range={
        range.kind === 'range'
          ? { earliest: range.earliest.toISOString(), proposed: range.proposed.toISOString() }
          : null
      }
      rangeProblem={range.kind === 'refused' ? sourceProblem(range, step.kind.name).sentence : null}
      finish={finishAction}
    />
  );
}
