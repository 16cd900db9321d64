'use client';

import { Button, type ButtonProps } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import { DialogButton } from '#components/frame/dialog-button.tsx';

/** What came of it: `problem` stays in the dialog, `said` is told beside it once it is closed. */
export type Answer =
  | { readonly problem: string /** where it can be seen to */; readonly links?: readonly ProblemLink[] }
  | { readonly said: string };

export interface ProblemLink {
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

// Most visits of a page ask nothing: the dialog comes with the first click.
const loadDialog = async () => (await import('./ask-first-dialog.tsx')).AskFirstDialog;

/** A button that asks before it does something: a form in a dialog, which stays open while something is wrong with it. */
export function AskFirst({ onOpen, children, ...asks }: AskFirstProps) {
  return (
    <DialogButton
      load={loadDialog}
      button={
        <Button appearance={asks.appearance ?? 'secondary'} size={asks.size ?? 'medium'} aria-label={asks.description}>
          {asks.label}
        </Button>
      }
      dialog={{ asks, children }}
      onOpen={onOpen}
    />
  );
}

/** A field of a form as text; empty where it is none. */
export function fieldOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.trim() : '';
}
