'use client';

import { Button, Field, Input, makeStyles, tokens } from '@fluentui/react-components';
import Form from 'next/form';
import { useState } from 'react';
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
  const [typed, setTyped] = useState(asked);
  // What is in the address is in the box, also after Back; and the box stays the same one, or it would lose the focus.
  const [shown, setShown] = useState(asked);
  if (shown !== asked) {
    setShown(asked);
    setTyped(asked);
  }
  return (
    <search>
      <Form action="/evidence" className={styles.form}>
        <Field label={evidence.box} hint={evidence.hint} className={styles.field}>
          <Input
            name="q"
            value={typed}
            onChange={(_event, { value }) => setTyped(value)}
            className={styles.input}
            maxLength={320}
            autoComplete="off"
          />
        </Field>
        <Button type="submit" className={styles.button}>
          {evidence.find}
        </Button>
      </Form>
    </search>
  );
}
