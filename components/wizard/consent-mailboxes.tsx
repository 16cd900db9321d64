'use client';

import { Field, Input, makeStyles, Text, tokens } from '@fluentui/react-components';
import * as text from '#components/text/text.ts';

const words = text.wizard.consent.mailboxes;

const useStyles = makeStyles({
  section: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalM },
  heading: { margin: 0, fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  field: { maxWidth: '420px' },
});

/** Two addresses: of a mailbox that must open, and of one that must not. */
export interface TwoMailboxes {
  readonly inside: string;
  readonly outside: string;
}

interface ConsentMailboxesProps {
  readonly value: TwoMailboxes;
  readonly onChange: (value: TwoMailboxes) => void;
  readonly heading?: 'h2' | 'h3';
}

export function ConsentMailboxes({ value, onChange, heading: Heading = 'h2' }: ConsentMailboxesProps) {
  const styles = useStyles();
  return (
    <section className={styles.section} aria-labelledby="consent-mailboxes">
      <Heading id="consent-mailboxes" className={styles.heading}>
        {words.title}
      </Heading>
      <Text>{words.lead}</Text>
      {(['inside', 'outside'] as const).map((which) => (
        <Field key={which} className={styles.field} label={words[which]} hint={words.hints[which]}>
          <Input
            id={`consent-${which}`}
            type="email"
            autoComplete="off"
            value={value[which]}
            onChange={(_event, data) => onChange({ ...value, [which]: data.value })}
          />
        </Field>
      ))}
    </section>
  );
}
