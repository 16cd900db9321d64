'use client';

import {
  Button,
  type ButtonProps,
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
  useRestoreFocusTarget,
} from '@fluentui/react-components';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { type FormEvent, type ReactNode, useState, useTransition } from 'react';
import { failureSentence } from '#components/frame/failure-sentence.ts';
import * as text from '#components/text/text.ts';

const useStyles = makeStyles({
  fields: { display: 'grid', rowGap: tokens.spacingVerticalM },
  paragraph: { margin: 0 },
});

/** What came of it: `problem` stays in the dialog, `said` is told beside it once it is closed. */
export type Answer =
  | { readonly problem: string /** where it can be seen to */; readonly link?: ProblemLink }
  | { readonly said: string };

interface ProblemLink {
  readonly href: string;
  readonly label: string;
}

export interface AskFirstProps {
  /** of the button, and of the one that confirms */
  readonly label: string;
  /** of the one that confirms, where it says more */
  readonly submitLabel?: string;
  /** where several buttons of a page have one label: what this one is about, for screen readers */
  readonly description?: string;
  readonly title: string;
  readonly body: string;
  readonly appearance?: ButtonProps['appearance'];
  readonly size?: ButtonProps['size'];
  /** what the fields show is what is in force now */
  readonly onOpen?: () => void;
  /** fields of the form */
  readonly children?: ReactNode;
  readonly run: (form: FormData) => Promise<Answer>;
  readonly onSaid: (sentence: string) => void;
}

/** A button that asks before it does something: a form in a dialog, which stays open while something is wrong with it. */
export function AskFirst(props: AskFirstProps) {
  const styles = useStyles();
  const router = useRouter();
  const restoreFocus = useRestoreFocusTarget();
  const [open, setOpen] = useState(false);
  const [busy, start] = useTransition();
  const [problem, setProblem] = useState<{ readonly sentence: string; readonly link?: ProblemLink | undefined } | null>(
    null,
  );

  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setProblem(null);
    start(async () => {
      try {
        const answer = await props.run(form);
        if ('problem' in answer) return setProblem({ sentence: answer.problem, link: answer.link });
        setOpen(false);
        props.onSaid(answer.said);
        router.refresh();
      } catch (error) {
        setProblem({ sentence: failureSentence(error) });
      }
    });
  }

  return (
    <>
      <Button
        {...restoreFocus}
        appearance={props.appearance ?? 'secondary'}
        size={props.size ?? 'medium'}
        aria-label={props.description}
        onClick={() => {
          setProblem(null);
          props.onOpen?.();
          setOpen(true);
        }}
      >
        {props.label}
      </Button>
      {open ? (
        <Dialog open onOpenChange={(_event, data) => setOpen(data.open)}>
          <DialogSurface>
            <form onSubmit={submit} noValidate>
              <DialogBody>
                <DialogTitle>{props.title}</DialogTitle>
                <DialogContent className={styles.fields}>
                  <p className={styles.paragraph}>{props.body}</p>
                  {problem === null ? null : (
                    <MessageBar intent="error" layout="multiline" role="alert">
                      <MessageBarBody>
                        {problem.sentence}{' '}
                        {problem.link === undefined ? null : <Link href={problem.link.href}>{problem.link.label}</Link>}
                      </MessageBarBody>
                    </MessageBar>
                  )}
                  {props.children}
                </DialogContent>
                <DialogActions fluid>
                  <Button onClick={() => setOpen(false)}>{text.commands.keep}</Button>
                  <Button type="submit" appearance="primary" disabledFocusable={busy}>
                    {props.submitLabel ?? props.label}
                  </Button>
                </DialogActions>
              </DialogBody>
            </form>
          </DialogSurface>
        </Dialog>
      ) : null}
    </>
  );
}

/** A field of a form as text; empty where it is none. */
export function fieldOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.trim() : '';
}
