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
  makeStyles,
  Textarea,
  tokens,
} from '@fluentui/react-components';
import * as text from '#components/text/text.ts';
import type { UndoneKind } from '#lib/imports/counts.ts';
import type { UndoneRow } from '#lib/imports/undone-rows.ts';

const useStyles = makeStyles({
  fields: { display: 'grid', rowGap: tokens.spacingVerticalM },
  paragraph: { margin: 0 },
});

export interface OriginalDialogProps {
  readonly connectorId: string;
  readonly kind: UndoneKind;
  readonly row: UndoneRow;
  readonly onClose: () => void;
}

/** Asks why, and lets the browser save what comes: the form goes to the server by itself, past every script. */
export function OriginalDialog({ connectorId, kind, row, onClose }: OriginalDialogProps) {
  const styles = useStyles();
  const words = text.commands.original;
  return (
    <Dialog open onOpenChange={(_event, { open }) => (open ? undefined : onClose())}>
      <DialogSurface>
        <form method="post" action={`/api/connectors/${connectorId}/original`} onSubmit={() => setTimeout(onClose)}>
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
              <Button onClick={onClose}>{text.commands.close}</Button>
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
