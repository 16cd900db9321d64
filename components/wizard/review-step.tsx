'use client';

import {
  Checkbox,
  Field,
  Input,
  MessageBar,
  MessageBarBody,
  makeStyles,
  Text,
  tokens,
} from '@fluentui/react-components';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import * as text from '#components/text/text.ts';
import { formatUtc } from '#components/time/format.ts';
import { Time } from '#components/time/time.tsx';
import type { DraftCoverage } from '#lib/connectors/set-up/coverage.ts';
import type { FinishResult } from '#lib/connectors/set-up/finish.ts';
import type { ConsentMode } from '#lib/microsoft/prove-consent.ts';
import { loginRefusal, sourceProblem } from './login-refusal.ts';
import { ReviewSection } from './review-section.tsx';
import type { StepProps } from './step-props.ts';
import { STEP_TITLES } from './step-titles.ts';
import { useStepAction } from './use-step-action.ts';
import { type StepProblem, WizardShell } from './wizard-shell.tsx';

const words = text.wizard.review;

const useStyles = makeStyles({
  sections: { display: 'grid', rowGap: tokens.spacingVerticalXL },
  heading: { margin: 0, fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  first: { display: 'grid', rowGap: tokens.spacingVerticalS },
  field: { maxWidth: '320px' },
});

export interface ReviewStepProps extends StepProps {
  readonly folder: string;
  readonly regionName: string;
  readonly coverage: DraftCoverage;
  readonly folders: { readonly existing: number; readonly checked: number };
  /** ISO times by the source's clock; null where it does not answer, with the sentence that says so */
  readonly range: { readonly earliest: string; readonly proposed: string } | null;
  readonly rangeProblem: string | null;
  readonly finish: (draftId: string, firstImportFrom: string, firstUser: string | null) => Promise<FinishResult>;
}

function permissionsOf(mode: ConsentMode) {
  return mode === 'chosen' ? text.wizard.consent.permissionsChosen : text.wizard.consent.permissions;
}

export function ReviewStep(props: ReviewStepProps) {
  const { base, draft, folder, coverage, folders, range, rangeProblem, finish } = props;
  const styles = useStyles();
  const router = useRouter();
  const { busy, problems, setProblems, run } = useStepAction();
  const [from, setFrom] = useState(range?.proposed.slice(0, 16) ?? '');
  const [oneFirst, setOneFirst] = useState(false);
  const [firstUser, setFirstUser] = useState('');
  const { login, mapping, consent } = draft;

  async function next(): Promise<void> {
    // A field of date and time has no zone: what is entered is UTC, as its label says.
    const chosen = new Date(`${from}Z`);
    if (Number.isNaN(chosen.getTime())) {
      return setProblems([
        { sentence: range === null && rangeProblem ? rangeProblem : words.firstImportInvalid, field: 'first-import' },
      ]);
    }
    await run(words.finishing, async () => {
      const result = await finish(draft.id, chosen.toISOString(), oneFirst ? firstUser : null);
      if (result.kind === 'finished' || result.kind === 'already_finished') {
        router.push(`/data-connectors/connectors?connector=${result.connectorId}`);
        return [];
      }
      return [problemOf(result, props.kind.name)];
    });
  }

  return (
    <WizardShell
      {...props}
      kindName={props.kind.name}
      current="review"
      savedAt={draft.savedAt}
      problems={problems}
      busy={busy}
      nextLabel={words.finish}
      onNext={() => void next()}
    >
      <div className={styles.sections}>
        <ReviewSection
          title={words.terms}
          edit={`${base}/new/terms`}
          facts={[
            [
              text.wizard.terms.version(draft.terms?.version ?? ''),
              text.wizard.terms.accepted(draft.terms?.acceptedBy ?? ''),
            ],
          ]}
        />
        <ReviewSection
          title={words.login}
          edit={`${base}/new/login`}
          facts={[
            [words.account, login?.accountName ?? ''],
            [words.username, login?.username ?? ''],
            [words.registeredUsers, (login?.registeredUsers ?? 0).toLocaleString('en')],
          ]}
        />
        <ReviewSection
          title={words.mapping}
          edit={`${base}/new/mapping`}
          facts={[
            [words.automatic, mapping.automatic ? words.on : words.off],
            [
              words.file,
              mapping.file === null
                ? words.noFile
                : text.wizard.mapping.inForce(mapping.file.fileName, mapping.file.rowCount),
            ],
            [words.region, props.regionName],
            [words.coverage, coverageSentence(coverage)],
          ]}
        />
        <ReviewSection
          title={words.consent}
          edit={`${base}/new/consent`}
          facts={[
            [
              words.permissions,
              permissionsOf(consent.mode)
                .map(({ value }) => value)
                .join(', '),
            ],
            [words.mailboxes, text.wizard.consent.mode[consent.mode]],
            [words.proven, consent.provenAt === null ? '' : <Time key="proven" value={consent.provenAt} />],
            [words.folder, folder],
          ]}
        />
        <section className={styles.first} aria-labelledby="first-import-heading">
          <h2 id="first-import-heading" className={styles.heading}>
            {words.firstImport}
          </h2>
          {range === null && rangeProblem !== null ? (
            <MessageBar intent="error" layout="multiline">
              <MessageBarBody>{rangeProblem}</MessageBarBody>
            </MessageBar>
          ) : null}
          <Field className={styles.field} label={words.firstImportSince} hint={words.firstImportHint}>
            <Input
              id="first-import"
              type="datetime-local"
              value={from}
              {...(range === null ? {} : { min: range.earliest.slice(0, 16) })}
              onChange={(_event, { value }) => setFrom(value)}
            />
          </Field>
          {range === null ? null : (
            <Text size={200}>
              {words.firstImportEarliest} <Time value={range.earliest} />.
            </Text>
          )}
          <Field hint={words.firstUserHint}>
            <Checkbox
              label={words.firstUser}
              checked={oneFirst}
              onChange={(_event, { checked }) => setOneFirst(checked === true)}
            />
          </Field>
          {oneFirst ? (
            <Field className={styles.field} label={words.firstUserAddress} hint={words.firstUserAddressHint} required>
              <Input
                id="first-user"
                type="email"
                autoComplete="off"
                value={firstUser}
                onChange={(_event, { value }) => setFirstUser(value)}
              />
            </Field>
          ) : null}
          {folders.existing > 0 ? (
            <MessageBar intent="warning" layout="multiline">
              <MessageBarBody>{words.folderExists(folders.existing, folders.checked, folder)}</MessageBarBody>
            </MessageBar>
          ) : null}
          <Text>{words.starts}</Text>
        </section>
      </div>
    </WizardShell>
  );
}

function coverageSentence(coverage: DraftCoverage): string {
  const { mapping } = text.wizard;
  switch (coverage.kind) {
    case 'checked':
      return mapping.coverage(coverage.withMailbox, coverage.registered);
    case 'after_consent':
      return mapping.coverageLater;
    case 'too_many':
      return mapping.coverageTooMany(coverage.registered);
    case 'unreachable':
      return mapping.coverageFailed;
  }
}

function problemOf(
  result: Exclude<FinishResult, { kind: 'finished' | 'already_finished' }>,
  kindName: string,
): StepProblem {
  switch (result.kind) {
    case 'incomplete':
      return { sentence: words.refusals.incomplete(STEP_TITLES[result.step]) };
    case 'too_early':
      return { sentence: words.firstImportGone(formatUtc(result.earliest)), field: 'first-import' };
    case 'in_future':
      return { sentence: words.firstImportFuture, field: 'first-import' };
    case 'first_user_refused':
      return {
        sentence:
          result.reason === 'directory_unavailable'
            ? words.firstUserUnavailable
            : text.settings.fallback.refusals[result.reason],
        field: 'first-user',
      };
    case 'refused':
      return sourceProblem(result, kindName);
    default:
      return loginRefusal(result, kindName);
  }
}
