'use client';

import { Field, makeStyles, Radio, RadioGroup, tokens } from '@fluentui/react-components';
import * as text from '#components/text/text.ts';
import type { ConsentMode } from '#lib/microsoft/prove-consent.ts';

const words = text.wizard.consent.mode;

const useStyles = makeStyles({
  label: { display: 'grid' },
  hint: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
});

interface ConsentModeChoiceProps {
  readonly mode: ConsentMode;
  readonly onChoose: (mode: ConsentMode) => void;
}

/** All mailboxes, or those alone that Exchange lets the portal open. */
export function ConsentModeChoice({ mode, onChoose }: ConsentModeChoiceProps) {
  const styles = useStyles();
  return (
    <Field label={words.label}>
      <RadioGroup value={mode} onChange={(_event, { value }) => onChoose(value === 'chosen' ? 'chosen' : 'all')}>
        {(['all', 'chosen'] as const).map((one) => (
          <Radio
            key={one}
            value={one}
            label={
              <span className={styles.label}>
                {words[one]}
                <span className={styles.hint}>{words.hints[one]}</span>
              </span>
            }
          />
        ))}
      </RadioGroup>
    </Field>
  );
}
