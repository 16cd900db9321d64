'use client';

import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  MessageBar,
  MessageBarBody,
  useRestoreFocusTarget,
} from '@fluentui/react-components';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { failureSentence } from '#components/frame/failure-sentence.ts';
import * as text from '#components/text/text.ts';
import { sourceProblem } from '#components/wizard/login-refusal.ts';
import type { DiscardResult } from '#lib/connectors/set-up/discard.ts';

const words = text.product;

export interface DiscardDraftProps {
  readonly draftId: string;
  readonly kindName: string;
  readonly discardDraft: (draftId: string) => Promise<DiscardResult>;
}

/** Asks once, then unregisters and deletes. */
export function DiscardDraft({ draftId, kindName, discardDraft }: DiscardDraftProps) {
  const router = useRouter();
  const restoreFocus = useRestoreFocusTarget();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function discard(): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      const result = await discardDraft(draftId);
      if (result.kind === 'refused') return setProblem(sourceProblem(result, kindName).sentence);
      setOpen(false);
      router.refresh();
    } catch (error) {
      setProblem(failureSentence(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <Button {...restoreFocus} onClick={() => setOpen(true)}>
        {words.discard}
      </Button>
      {open ? (
        <Dialog open onOpenChange={(_event, data) => setOpen(data.open)}>
          <DialogSurface>
            <DialogBody>
              <DialogTitle>{words.discardTitle}</DialogTitle>
              <DialogContent>
                <p>{words.discardBody}</p>
                {problem === null ? null : (
                  <MessageBar intent="error" layout="multiline">
                    <MessageBarBody>{problem}</MessageBarBody>
                  </MessageBar>
                )}
              </DialogContent>
              <DialogActions>
                <Button onClick={() => setOpen(false)}>{words.keep}</Button>
                <Button appearance="primary" disabledFocusable={busy} onClick={() => void discard()}>
                  {words.discard}
                </Button>
              </DialogActions>
            </DialogBody>
          </DialogSurface>
        </Dialog>
      ) : null}
    </>
  );
}
