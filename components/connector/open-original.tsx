'use client';

import { Button } from '@fluentui/react-components';
import { DialogButton } from '#components/frame/dialog-button.tsx';
import * as text from '#components/text/text.ts';
import type { OriginalDialogProps } from './original-dialog.tsx';

const loadDialog = async () => (await import('./original-dialog.tsx')).OriginalDialog;

/** A button that asks why, and then downloads the original of something that is not imported. */
export function OpenOriginal(original: Omit<OriginalDialogProps, 'onClose'>) {
  const words = text.commands.original;
  return (
    <DialogButton
      load={loadDialog}
      button={
        <Button size="small" appearance="subtle" aria-label={words.of(original.row.sourceItemId)}>
          {words.label}
        </Button>
      }
      dialog={original}
    />
  );
}
