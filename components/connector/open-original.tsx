'use client';

import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  DialogTrigger,
  Field,
  makeStyles,
  Textarea,
  tokens,
} from '@fluentui/react-components';
import { useState } from 'react';
import * as text from '#components/text/text.ts';
import type { UndoneKind } from '#lib/imports/counts.ts';
import type { UndoneRow } from '#lib/imports/undone-rows.ts';

const useStyles = makeStyles({
  fields: { display: 'grid', rowGap: tokens.spacingVerticalM },
  paragraph: { margin: 0 },
});

interface Props {
  readonly connectorId: string;
  readonly kind: UndoneKind;
  readonly row: UndoneRow;
}

/** Asks why, and lets the browser save what comes: the form goes to the server by itself, past every script. */
export function OpenOriginal({ connectorId, kind, row }: Props) {
  const styles = useStyles();
  const [open, setOpen] = useState(false);
  const words = text.commands.original;
  return (
    <Dialog open={open} onOpenChange={(_event, data) => setOpen(data.open)}>
      <DialogTrigger disableButtonEnhancement>
        <Button size="small" appearance="subtle" aria-label={words.of(row.sourceItemId)}>
          {words.label}
        </Button>
      </DialogTrigger>
      <DialogSurface>
        <form
          method="post"
          action={`/api/connectors/${connectorId}/original`}
          onSubmit={() => setTimeout(() => setOpen(false))}
        >
          <input type="hidden" name="kind" value={kind} />
          <input type="hidden" name="row" value={row.key} />
          <DialogBody>
            <DialogTitle>{words.title}</DialogTitle>
            <DialogContent className={styles.fields}>
              <p className={styles.paragraph}>{words.body}</p>
              <Field label={words.reason} required>
                <Textarea name="reason" required minLength={3} maxLength={1000} />
              </Field>
            </DialogContent>
            <DialogActions>
              <DialogTrigger disableButtonEnhancement>
                <Button>{text.commands.close}</Button>
              </DialogTrigger>
              <Button type="submit" appearance="primary">
                {words.label}
              </Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}
