import type { Metadata } from 'next';
import { notFound, redirect } from 'next/navigation';
import { requireActor } from '#app/authentication.ts';
import * as text from '#components/text/text.ts';
import { ConsentStep } from '#components/wizard/consent-step.tsx';
import { draftView } from '#components/wizard/draft-view.ts';
import { LoginStep } from '#components/wizard/login-step.tsx';
import { MappingStep } from '#components/wizard/mapping-step.tsx';
import type { StepProps } from '#components/wizard/step-props.ts';
import { STEP_TITLES } from '#components/wizard/step-titles.ts';
import { TermsStep } from '#components/wizard/terms-step.tsx';
import { findKind } from '#lib/connectors/catalogue.ts';
import { setUpParts } from '#lib/connectors/composition.ts';
import { regions } from '#lib/connectors/regions.ts';
import { CONSENT_LINK_HOURS } from '#lib/connectors/set-up/consent.ts';
import { isStep, openStep, stepStates } from '#lib/connectors/set-up/steps.ts';
import { domainsOfFile, findDraft } from '#lib/connectors/set-up/use-cases.ts';
import { TERMS } from '#lib/connectors/terms.ts';
import {
  acceptTermsAction,
  checkCoverageAction,
  chooseMailboxesAction,
  loginAction,
  proveConsentAction,
  removeMappingFileAction,
  requestConsentAction,
  saveMappingAction,
  signInAction,
} from '../../actions.ts';
import { ReviewPage } from './review.tsx';

interface Props {
  readonly params: Promise<{ readonly kind: string; readonly step: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { kind, step } = await params;
  const name = findKind(kind)?.name;
  return { title: name && isStep(step) ? `${STEP_TITLES[step]} - ${text.wizard.title(name)}` : text.problems.notFound };
}

export default async function WizardPage({ params }: Props) {
  const { kind: slug, step } = await params;
  const kind = findKind(slug);
  if (kind === undefined || !isStep(step)) notFound();
  const base = `/data-connectors/${kind.slug}`;
  const actor = await requireActor('connectors.manage');
  const draft = await findDraft(setUpParts(), actor, { kind: kind.slug });
  if (draft === null) redirect(base);
  const open = openStep(draft, step);
  if (open !== step) redirect(`${base}/new/${open}`);

  const props: StepProps = {
    kind: { slug: kind.slug, name: kind.name, captures: kind.captures },
    base,
    steps: stepStates(draft),
    draft: draftView(draft),
  };
  switch (step) {
    case 'terms':
      return <TermsStep {...props} terms={TERMS} acceptTerms={acceptTermsAction} />;
    case 'login':
      return <LoginStep {...props} links={kind.links} signIn={signInAction} login={loginAction} />;
    case 'mapping':
      return (
        <MappingStep
          {...props}
          regions={regions()}
          verifiedDomains={await domainsOfFile(setUpParts(), actor)}
          saveMapping={saveMappingAction}
          removeFile={removeMappingFileAction}
          checkCoverage={checkCoverageAction}
        />
      );
    case 'consent':
      return (
        <ConsentStep
          {...props}
          linkHours={CONSENT_LINK_HOURS}
          application={{ clientId: setUpParts().consent.clientId, cloud: setUpParts().consent.cloud }}
          chooseMailboxes={chooseMailboxesAction}
          requestConsent={requestConsentAction}
          proveConsent={proveConsentAction}
        />
      );
    case 'review':
      return <ReviewPage actor={actor} draft={draft} folder={kind.folder} step={props} />;
  }
}
