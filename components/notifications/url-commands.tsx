'use client';

import { Field, Input } from '@fluentui/react-components';
import { useRef } from 'react';
import { type Answer, AskFirst, fieldOf } from '#components/connector/ask-first.tsx';
import * as text from '#components/text/text.ts';
import type { SetUrlResult } from '#lib/notifications/settings.ts';
import { useSectionStyles } from './section-styles.ts';

const words = text.notifications;

interface UrlCommandsProps {
  readonly words: {
    readonly set: string;
    readonly title: string;
    readonly body: string;
    readonly done: string;
    readonly remove: string;
    readonly removeTitle: string;
    readonly removeBody: (host: string) => string;
    readonly removed: string;
  };
  /** null: none is set */
  readonly host: string | null;
  /** tells it from others; null: none is set */
  readonly mark: string | null;
  readonly allowedHosts: readonly string[];
  readonly set: (url: string | null, seen: string | null) => Promise<SetUrlResult>;
  readonly onSaid: (sentence: string) => void;
}

/** Setting and removing an address that never comes back to the browser. */
export function UrlCommands({ words: its, host, mark, allowedHosts, set, onSaid }: UrlCommandsProps) {
  const styles = useSectionStyles();
  /** of the one that was set when a dialog was opened, or as its answer said it */
  const seen = useRef(mark);
  const onOpen = (): void => {
    seen.current = mark;
  };
  const answer = (result: SetUrlResult, done: string): Answer => {
    if (result.kind === 'done') return { said: done };
    if (result.kind === 'changed_meanwhile') {
      seen.current = result.now.mark;
      return { problem: text.settings.meanwhile(result.by, words.addressNow(result.now.host)) };
    }
    return {
      problem: result.kind === 'refused' ? words.urlProblems[result.reason] : words.results[result.kind],
    };
  };
  return (
    <div className={styles.commands}>
      <AskFirst
        label={its.set}
        title={its.title}
        body={its.body}
        onOpen={onOpen}
        onSaid={onSaid}
        run={async (form) => answer(await set(fieldOf(form, 'url'), seen.current), its.done)}
      >
        <Field label={words.url} hint={words.allowed(allowedHosts)} required>
          <Input name="url" type="url" autoComplete="off" placeholder="https://" />
        </Field>
      </AskFirst>
      {host === null ? null : (
        <AskFirst
          label={words.remove}
          submitLabel={its.remove}
          description={its.remove}
          title={its.removeTitle}
          body={its.removeBody(host)}
          appearance="subtle"
          onOpen={onOpen}
          onSaid={onSaid}
          run={async () => answer(await set(null, seen.current), its.removed)}
        />
      )}
    </div>
  );
}
