import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { requireActor } from '#app/authentication.ts';
import { ProductDescription } from '#components/product/product-description.tsx';
import * as text from '#components/text/text.ts';
import { findKind } from '#lib/connectors/catalogue.ts';
import { setUpParts } from '#lib/connectors/composition.ts';
import { currentStep } from '#lib/connectors/set-up/steps.ts';
import { findDraft } from '#lib/connectors/set-up/use-cases.ts';
import { isAllowed, rolesWith } from '#lib/security/roles.ts';
import { discardDraftAction, startDraftAction } from './actions.ts';

interface Props {
  readonly params: Promise<{ readonly kind: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: findKind((await params).kind)?.name ?? text.problems.notFound };
}

export default async function ProductPage({ params }: Props) {
  const kind = findKind((await params).kind);
  if (kind === undefined) notFound();
  const actor = await requireActor('connectors.read');
  const draft = await findDraft(setUpParts(), actor, { kind: kind.slug });
  return (
    <ProductDescription
      kind={kind}
      draft={
        draft && {
          id: draft.id,
          startedBy: draft.startedBy,
          savedAt: draft.savedAt.toISOString(),
          step: currentStep(draft),
        }
      }
      missingRole={isAllowed(actor.roles, 'connectors.manage') ? null : rolesWith('connectors.manage').join(' / ')}
      startDraft={startDraftAction}
      discardDraft={discardDraftAction}
    />
  );
}
