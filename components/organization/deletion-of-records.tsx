'use client';

import {
  Field,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  Text,
  Textarea,
  tokens,
} from '@fluentui/react-components';
import { useState } from 'react';
import { AskFirst, fieldOf } from '#components/connector/ask-first.tsx';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { DeletionState, SetSuspended, SetSuspendedResult, Suspension } from '#lib/retention/suspend.ts';

const useStyles = makeStyles({
  part: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalM },
  paragraph: { margin: 0 },
  reason: { overflowWrap: 'anywhere' },
  heading: { margin: 0, fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
  list: { display: 'grid', rowGap: tokens.spacingVerticalXS, margin: 0, paddingLeft: tokens.spacingHorizontalXL },
  muted: { margin: 0, color: tokens.colorNeutralForeground2 },
  bar: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalM },
});

export type SetSuspendedAction = (choice: SetSuspended) => Promise<SetSuspendedResult>;

/** For how many years records are kept. */
export interface KeptYears {
  readonly evidence: number;
  readonly audit: number;
}

interface Props {
  readonly deletion: DeletionState;
  readonly years: KeptYears;
  readonly setSuspended: SetSuspendedAction | null;
}

/** Whether records are deleted at all, what a suspension stops, and the command that suspends or resumes. */
export function DeletionOfRecords({ deletion: { suspended }, years, setSuspended }: Props) {
  const styles = useStyles();
  const words = text.organization.deletion;
  const [said, setSaid] = useState('');
  return (
    <div className={styles.part}>
      {suspended === null ? <p className={styles.paragraph}>{words.running(years)}</p> : <Suspended {...suspended} />}
      <Effects title={words.stops} of={words.stopped} />
      <Effects title={words.goesOn} of={words.going} />
      <p className={styles.muted}>{words.others}</p>
      {setSuspended === null ? (
        <p className={styles.muted}>{words.whoSets}</p>
      ) : (
        <div className={styles.bar}>
          <Command key={String(suspended === null)} suspend={suspended === null} run={setSuspended} onSaid={setSaid} />
          <Text role="status">{said}</Text>
        </div>
      )}
    </div>
  );
}

function Suspended({ since, by, reason }: Suspension) {
  const styles = useStyles();
  const words = text.organization.deletion;
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody className={styles.reason}>
        <MessageBarTitle>{words.suspended}</MessageBarTitle> {words.by(by)} <Time value={since} />.{' '}
        {words.because(reason)}
      </MessageBarBody>
    </MessageBar>
  );
}

function Effects({ title, of }: { readonly title: string; readonly of: readonly string[] }) {
  const styles = useStyles();
  return (
    <>
      <h3 className={styles.heading}>{title}</h3>
      <ul className={styles.list}>
        {of.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
    </>
  );
}

interface CommandProps {
  readonly suspend: boolean;
  readonly run: SetSuspendedAction;
  readonly onSaid: (sentence: string) => void;
}

function Command({ suspend, run, onSaid }: CommandProps) {
  const { suspend: toSuspend, resume, reason, reasonHint, results } = text.organization.deletion;
  const words = suspend ? toSuspend : resume;
  return (
    <AskFirst
      label={words.label}
      title={words.question}
      body={words.body}
      appearance={suspend ? 'primary' : 'secondary'}
      onSaid={onSaid}
      run={async (form) => {
        const result = await run({ suspended: suspend, reason: fieldOf(form, 'reason') });
        return result === 'done' ? { said: words.done } : { problem: results[result] };
      }}
    >
      <Field label={reason} hint={reasonHint} required>
        <Textarea name="reason" />
      </Field>
    </AskFirst>
  );
}
