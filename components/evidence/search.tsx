'use client';

import { Button, Field, Input, makeStyles, tokens } from '@fluentui/react-components';
import Form from 'next/form';
import { evidence } from '#components/text/evidence.ts';

const useStyles = makeStyles({
  form: { display: 'flex', flexWrap: 'wrap', alignItems: 'start', gap: tokens.spacingHorizontalS },
  field: { flex: '1 1 280px', maxWidth: '560px', minWidth: 0 },
  input: { minWidth: 0 },
  // Beside the box, whose label is above it.
  button: { marginTop: '26px', '@media (max-width: 560px)': { marginTop: 0 } },
});

/** The one box. A form of its own page: what is asked for is in the address, and it works before scripts do. */
export function Search({ text: asked }: { readonly text: string }) {
  const styles = useStyles();
  return (
    <search>
      <Form action="/evidence" className={styles.form}>
        <Field label={evidence.box} hint={evidence.hint} className={styles.field}>
          <Input
            key={asked}
            name="q"
            defaultValue={asked}
            className={styles.input}
            maxLength={320}
            autoComplete="off"
          />
        </Field>
        <Button type="submit" appearance="primary" className={styles.button}>
          {evidence.find}
        </Button>
      </Form>
    </search>
  );
}
