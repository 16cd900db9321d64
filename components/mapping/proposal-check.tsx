'use client';

import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { useRouter } from 'next/navigation';
import * as text from '#components/text/text.ts';
import type { VersionSummary } from '#lib/connectors/mapping/version-summary.ts';
import { uploadAddress } from './addresses.ts';
import { useChosenFile } from './chosen-file.tsx';
import { Facts } from './facts.tsx';
import { FilePicker } from './file-picker.tsx';

const words = text.mapping;

const useStyles = makeStyles({
  block: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalM },
  paragraph: { margin: 0, color: tokens.colorNeutralForeground2 },
});

export interface ProposalProps {
  readonly connectorId: string;
  readonly version: VersionSummary;
  /** whether the person may upload */
  readonly manages: boolean;
}

/** *Check*, when it is over: which file the proposal is, and the way to another. */
export function ProposalCheck({ connectorId, version, manages }: ProposalProps) {
  const styles = useStyles();
  const router = useRouter();
  const { hold } = useChosenFile();
  const isFile = version.mode === 'replace' || version.mode === 'add';
  return (
    <div className={styles.block}>
      <Facts version={version} />
      <p className={styles.paragraph}>
        {isFile && version.leftOutCount === 0 ? words.check.allGood : null}
        {version.mode === 'rule' ? text.mappingRule.sameRows : null} {words.check.kept}
      </p>
      {manages && isFile && version.approval === null ? (
        <FilePicker
          label={words.check.file}
          onChoose={(file) => {
            hold({ file, became: { versionId: version.id } });
            router.push(uploadAddress(connectorId, version.mode === 'add' ? 'add' : 'replace'));
          }}
        >
          {(pick) => (
            <div>
              <Button onClick={pick}>{words.check.another}</Button>
            </div>
          )}
        </FilePicker>
      ) : null}
    </div>
  );
}

/** A file that was just uploaded can be taken the other way, as long as this page still has it. */
export function OtherMode({ connectorId, version, manages }: ProposalProps) {
  const router = useRouter();
  const { chosen } = useChosenFile();
  const { mode } = version;
  if (!manages || mode === 'restore' || mode === 'rule' || version.approval !== null || version.basedOn === null)
    return null;
  if (chosen?.became?.versionId !== version.id) return null;
  const other = mode === 'add' ? 'replace' : 'add';
  return (
    <div>
      <Button onClick={() => router.push(uploadAddress(connectorId, other))}>{words.difference.switchTo[other]}</Button>
    </div>
  );
}
