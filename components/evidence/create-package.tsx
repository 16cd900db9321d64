'use client';

import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  makeStyles,
  Select,
  tokens,
  useRestoreFocusTarget,
} from '@fluentui/react-components';
import { ArchiveRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { Form } from '#components/frame/form.tsx';
import { evidence } from '#components/text/evidence.ts';
import type { ConnectorChoice } from '#lib/evidence/package/choices.ts';
import { periodOf } from '#lib/evidence/package/period.ts';

const words = evidence.package;

const useStyles = makeStyles({
  fields: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalM },
  days: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(min(180px, 100%), 1fr))',
    gap: tokens.spacingHorizontalM,
  },
  input: { width: '100%', minWidth: 0 },
  paragraph: { margin: 0 },
});

interface CreatePackageProps {
  readonly connectors: readonly ConnectorChoice[];
  /** day that is looked at, or today */
  readonly day: string;
}

/** Asks for a period and has the browser download what is proved of it. */
export function CreatePackage({ connectors, day }: CreatePackageProps) {
  const styles = useStyles();
  const restoreFocus = useRestoreFocusTarget();
  const [open, setOpen] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  function submit(entered: FormData): void {
    const query = new URLSearchParams();
    for (const [name, value] of entered) if (typeof value === 'string') query.set(name, value);
    if (periodOf(query) === null) {
      setProblem(words.wrongPeriod);
      return;
    }
    setOpen(false);
    // An attachment: the browser saves it, and the page stays.
    window.location.assign(`/api/evidence/package?${query}`);
  }

  return (
    <>
      <Button {...restoreFocus} appearance="primary" icon={<ArchiveRegular />} onClick={() => setOpen(true)}>
        {words.create}
      </Button>
      {open ? (
        <Dialog
          open
          onOpenChange={(_event, data) => {
            setProblem(null);
            setOpen(data.open);
          }}
        >
          <DialogSurface>
            <Form onSubmit={submit}>
              <DialogBody>
                <DialogTitle>{words.create}</DialogTitle>
                <DialogContent className={styles.fields}>
                  <p className={styles.paragraph}>{words.about}</p>
                  <div className={styles.days}>
                    <Field
                      label={words.from}
                      required
                      {...(problem === null ? {} : { validationMessage: problem, validationState: 'error' as const })}
                    >
                      <Input className={styles.input} name="from" type="date" defaultValue={day} />
                    </Field>
                    <Field label={words.to} required>
                      <Input className={styles.input} name="to" type="date" defaultValue={day} />
                    </Field>
                  </div>
                  <Field label={words.connector}>
                    <Select name="connector" defaultValue="">
                      <option value="">{words.all}</option>
                      {connectors.map(({ id, name, isDeleted }) => (
                        <option key={id} value={id}>
                          {isDeleted ? words.deleted(name) : name}
                        </option>
                      ))}
                    </Select>
                  </Field>
                </DialogContent>
                <DialogActions>
                  <Button appearance="primary" type="submit">
                    {words.download}
                  </Button>
                  <Button onClick={() => setOpen(false)}>{words.cancel}</Button>
                </DialogActions>
              </DialogBody>
            </Form>
          </DialogSurface>
        </Dialog>
      ) : null}
    </>
  );
}
