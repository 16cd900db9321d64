'use client';

import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { ScrollArea } from '#components/frame/scroll-area.tsx';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { AcceptTermsResult } from '#lib/connectors/set-up/accept-terms.ts';
import type { Terms } from '#lib/connectors/terms.ts';
import type { StepProps } from './step-props.ts';
import { useStepAction } from './use-step-action.ts';
import { WizardShell } from './wizard-shell.tsx';

const useStyles = makeStyles({
  scroll: {
    maxHeight: '45vh',
    padding: `0 ${tokens.spacingHorizontalL} ${tokens.spacingVerticalL}`,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground2,
  },
  heading: { margin: `${tokens.spacingVerticalL} 0 ${tokens.spacingVerticalXS}`, fontSize: tokens.fontSizeBase300 },
  paragraph: { margin: `0 0 ${tokens.spacingVerticalS}`, maxWidth: '70ch' },
});

export interface TermsStepProps extends StepProps {
  readonly terms: Terms;
  readonly acceptTerms: (draftId: string, version: string) => Promise<AcceptTermsResult>;
}

export function TermsStep({ terms, acceptTerms, ...props }: TermsStepProps) {
  const styles = useStyles();
  const router = useRouter();
  const { busy, problems, run } = useStepAction();
  const [otherVersion, setOtherVersion] = useState(false);
  const words = text.wizard.terms;
  const { draft, base } = props;
  const accepted = draft.terms?.version === terms.version ? draft.terms : null;

  async function next(): Promise<void> {
    if (accepted !== null) return router.push(`${base}/new/login`);
    await run(words.accepting, async () => {
      const result = await acceptTerms(draft.id, terms.version);
      if (result.kind === 'other_version') {
        setOtherVersion(true);
        router.refresh();
        return [{ sentence: words.otherVersion(result.version) }];
      }
      if (result.kind === 'no_draft') return [{ sentence: text.wizard.draftGone }];
      router.push(`${base}/new/login`);
      return [];
    });
  }

  return (
    <WizardShell
      {...props}
      kindName={props.kind.name}
      current="terms"
      savedAt={draft.savedAt}
      problems={problems}
      busy={busy}
      nextLabel={accepted !== null && !otherVersion ? text.wizard.next : words.accept}
      onNext={() => void next()}
    >
      <Text>
        {words.version(terms.version)}, <time dateTime={terms.date}>{terms.date}</time>
      </Text>
      <ScrollArea className={styles.scroll} label={words.region}>
        {terms.sections.map((section) => (
          <div key={section.title}>
            <h2 className={styles.heading}>{section.title}</h2>
            {section.paragraphs.map((paragraph) => (
              <p key={paragraph} className={styles.paragraph}>
                {paragraph}
              </p>
            ))}
          </div>
        ))}
      </ScrollArea>
      <Text>
        {accepted === null ? (
          words.recorded
        ) : (
          <>
            {words.accepted(accepted.acceptedBy)}, <Time value={accepted.acceptedAt} />.
          </>
        )}
      </Text>
    </WizardShell>
  );
}
