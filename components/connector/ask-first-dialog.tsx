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
  makeStyles,
  tokens,
} from '@fluentui/react-components';
import { useRouter } from 'next/navigation';
import { Fragment, type ReactNode, useState, useTransition } from 'react';
import { failureSentence } from '#components/frame/failure-sentence.ts';
import { Form } from '#components/frame/form.tsx';
import { TextLink } from '#components/frame/text-link.tsx';
import * as text from '#components/text/text.ts';
import type { AskFirstProps, ProblemLink } from './ask-first.tsx';

const useStyles = makeStyles({
  fields: { display: 'grid', rowGap: tokens.spacingVerticalM },
  paragraph: { margin: 0 },
});

export interface AskFirstDialogProps {
  readonly asks: Omit<AskFirstProps, 'children' | 'onOpen'>;
  /** fields of the form */
  readonly children?: ReactNode;
  readonly onClose: () => void;
}

interface Problem {
  readonly sentence: string;
  readonly links: readonly ProblemLink[];
}

/** The form of `AskFirst`, which stays open while something is wrong with it. */
export function AskFirstDialog({ asks, children, onClose }: AskFirstDialogProps) {
  const styles = useStyles();
  const router = useRouter();
  const [busy, start] = useTransition();
  const [problem, setProblem] = useState<Problem | null>(null);

  function submit(form: FormData): void {
    setProblem(null);
    start(async () => {
      try {
        const answer = await asks.run(form);
        if ('problem' in answer) return setProblem({ sentence: answer.problem, links: answer.links ?? [] });
        onClose();
        asks.onSaid(answer.said);
        router.refresh();
      } catch (error) {
        setProblem({ sentence: failureSentence(error), links: [] });
      }
    });
  }

  return (
    <Dialog open onOpenChange={(_event, { open }) => (open ? undefined : onClose())}>
      <DialogSurface>
        <Form onSubmit={submit}>
          <DialogBody>
            <DialogTitle>{asks.title}</DialogTitle>
            <DialogContent className={styles.fields}>
              <p className={styles.paragraph}>{asks.body}</p>
              {problem === null ? null : (
                <MessageBar intent="error" layout="multiline" role="alert">
                  <MessageBarBody>
                    {problem.sentence}
                    {problem.links.map(({ href, label }) => (
                      <Fragment key={href}>
                        {' '}
                        <TextLink href={href}>{label}</TextLink>
                      </Fragment>
                    ))}
                  </MessageBarBody>
                </MessageBar>
              )}
              {children}
            </DialogContent>
            <DialogActions fluid>
              <Button onClick={onClose}>{text.commands.keep}</Button>
              <Button type="submit" appearance="primary" disabledFocusable={busy}>
                {asks.submitLabel ?? asks.label}
              </Button>
            </DialogActions>
          </DialogBody>
        </Form>
      </DialogSurface>
    </Dialog>
  );
}
