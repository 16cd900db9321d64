'use client';

import { Button } from '@fluentui/react-components';
import { DialogButton } from '#components/frame/dialog-button.tsx';
import * as text from '#components/text/text.ts';
import type { EntryDialogProps } from './entry-dialog.tsx';

const loadDialog = async () => (await import('./entry-dialog.tsx')).EntryDialog;

/** A button that shows one act in a panel. */
export function EntryDetails(shown: Omit<EntryDialogProps, 'onClose'>) {
  const words = text.history;
  return (
    <DialogButton
      load={loadDialog}
      button={
        <Button size="small" aria-label={words.detailsOf(shown.sentence)}>
          {words.details}
        </Button>
      }
      dialog={shown}
    />
  );
}
