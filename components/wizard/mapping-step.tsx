'use client';

import { Field, makeStyles, Select, Switch, tokens } from '@fluentui/react-components';
import { useRouter } from 'next/navigation';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import * as text from '#components/text/text.ts';
import type { DraftCoverage } from '#lib/connectors/set-up/coverage.ts';
import type { SaveMappingResult } from '#lib/connectors/set-up/mapping.ts';
import { CoverageResult } from './coverage-result.tsx';
import { MappingFile } from './mapping-file.tsx';
import type { StepProps } from './step-props.ts';
import { useStepAction } from './use-step-action.ts';
import { type StepProblem, WizardShell } from './wizard-shell.tsx';

const useStyles = makeStyles({
  region: { maxWidth: '320px' },
  switch: { display: 'grid' },
  hint: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
});

const words = text.wizard.mapping;

export interface Region {
  readonly code: string;
  readonly name: string;
}

export interface MappingStepProps extends StepProps {
  readonly regions: readonly Region[];
  readonly verifiedDomains: readonly string[];
  readonly saveMapping: (draftId: string, automatic: boolean, defaultRegion: string) => Promise<SaveMappingResult>;
  readonly removeFile: (draftId: string) => Promise<void>;
  readonly checkCoverage: (
    draftId: string,
    automatic: boolean,
  ) => Promise<DraftCoverage | { readonly kind: 'no_draft' }>;
}

export function MappingStep(all: MappingStepProps) {
  const { regions, verifiedDomains, saveMapping, removeFile, checkCoverage, ...props } = all;
  const { base, draft } = props;
  const styles = useStyles();
  const router = useRouter();
  const { busy, problems, setProblems, run } = useStepAction();
  const [automatic, setAutomatic] = useState(draft.mapping.automatic);
  const [region, setRegion] = useState(draft.mapping.defaultRegion);
  const [undecided, setUndecided] = useState(false);
  const [answer, setAnswer] = useState<{ readonly subject: string; readonly coverage: DraftCoverage } | null>(null);
  const [attempt, setAttempt] = useState(0);
  const file = draft.mapping.file;

  // What the answer depends on: the switch and the file in force. An answer to an older question is dropped.
  const subject = `${automatic} ${file?.fileName} ${file?.rowCount} ${draft.mapping.defaultRegion} ${attempt}`;
  const latest = useRef(subject);
  const ask = useEffectEvent(async (asked: string): Promise<void> => {
    latest.current = asked;
    const result = await checkCoverage(draft.id, automatic).catch((): DraftCoverage => ({ kind: 'unreachable' }));
    if (latest.current === asked && result.kind !== 'no_draft') setAnswer({ subject: asked, coverage: result });
  });
  useEffect(() => void ask(subject), [subject]);
  const coverage = answer?.subject === subject ? answer.coverage : null;

  async function next(): Promise<void> {
    if (undecided) return setProblems([{ sentence: words.decide, field: 'mapping-file' }]);
    await run(text.wizard.saving, async () => {
      const found = problemOf(await saveMapping(draft.id, automatic, region), regions);
      if (found.length === 0) router.push(`${base}/new/consent`);
      return found;
    });
  }

  return (
    <WizardShell
      {...props}
      kindName={props.kind.name}
      current="mapping"
      savedAt={draft.savedAt}
      problems={problems}
      busy={busy}
      onNext={() => void next()}
    >
      <div className={styles.switch}>
        <Switch
          id="automatic-mapping"
          label={words.automatic}
          checked={automatic}
          aria-describedby="automatic-mapping-hint"
          onChange={(_event, { checked }) => setAutomatic(checked)}
        />
        <span id="automatic-mapping-hint" className={styles.hint}>
          {words.automaticHint}
        </span>
      </div>
      <Field className={styles.region} label={words.region} hint={words.regionHint}>
        <Select id="default-region" value={region} onChange={(_event, { value }) => setRegion(value)}>
          {regions.map(({ code, name }) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </Select>
      </Field>
      <MappingFile
        draftId={draft.id}
        inForce={file}
        region={region}
        verifiedDomains={verifiedDomains}
        onUndecided={setUndecided}
        onChanged={() => {
          setProblems([]);
          router.refresh();
        }}
        removeFile={removeFile}
      />
      <CoverageResult coverage={coverage} onRetry={() => setAttempt(attempt + 1)} />
    </WizardShell>
  );
}

function problemOf(result: SaveMappingResult, regions: readonly Region[]): readonly StepProblem[] {
  switch (result.kind) {
    case 'saved':
      return [];
    case 'nothing_on':
      return [{ sentence: words.nothingOn, field: 'automatic-mapping' }];
    case 'read_in_other_region': {
      const name = regions.find(({ code }) => code === result.region)?.name ?? result.region;
      return [{ sentence: words.otherRegion(name), field: 'default-region' }];
    }
    case 'unknown_region':
      return [{ sentence: words.unknownRegion, field: 'default-region' }];
    case 'no_draft':
      return [{ sentence: text.wizard.draftGone }];
  }
}
