'use client';

import { Field, Input, Text } from '@fluentui/react-components';
import { useState } from 'react';
import * as text from '#components/text/text.ts';
import type { CancelResult } from '#lib/imports/cancel.ts';
import type { ImportLine } from '#lib/imports/list.ts';
import type { RepeatResult } from '#lib/imports/repeat.ts';
import { type Answer, AskFirst, fieldOf } from './ask-first.tsx';

export interface ImportActions {
  readonly cancel: (choice: { readonly connectorId: string; readonly importId: string }) => Promise<CancelResult>;
  /** times in ISO 8601, half-open */
  readonly repeat: (choice: {
    readonly connectorId: string;
    readonly from: string;
    readonly to: string;
  }) => Promise<RepeatResult>;
}

interface Props {
  readonly connectorId: string;
  readonly actions: ImportActions;
}

/** What can be asked of one import: to stop, or to be done again. */
export function LineCommands({ connectorId, actions, line }: Props & { readonly line: ImportLine }) {
  const [said, setSaid] = useState('');
  const { cancel, repeat } = text.commands;
  const { number, phase } = line;
  if (phase === 'queued' || phase === 'collecting') {
    return (
      <AskFirst
        label={cancel.label}
        description={cancel.of(number)}
        title={cancel.title(number)}
        body={cancel.body}
        size="small"
        onSaid={setSaid}
        run={async () => {
          const result = await actions.cancel({ connectorId, importId: line.id });
          return result === 'done' ? { said: cancel.results.done } : { problem: cancel.results[result] };
        }}
      />
    );
  }
  if (phase !== 'completed' && phase !== 'cancelled') return null;
  return (
    <>
      <AskFirst
        label={repeat.label}
        description={repeat.of(number)}
        title={repeat.title(number)}
        body={repeat.body}
        size="small"
        onSaid={setSaid}
        run={async () => answerOf(await actions.repeat({ connectorId, from: line.windowStart, to: line.windowEnd }))}
      />
      <Text role="status">{said}</Text>
    </>
  );
}

/** Import a past range, by whole UTC days. */
export function RepeatRange({ connectorId, actions }: Props) {
  const [said, setSaid] = useState('');
  const words = text.commands.repeat;
  return (
    <>
      <AskFirst
        label={words.rangeLabel}
        title={words.rangeTitle}
        body={words.rangeBody}
        onSaid={setSaid}
        run={async (form) => {
          const [from, last] = [Date.parse(fieldOf(form, 'from')), Date.parse(fieldOf(form, 'to'))];
          if (Number.isNaN(from) || Number.isNaN(last)) return { problem: words.results.bad_range };
          const to = new Date(last + 86_400_000).toISOString();
          return answerOf(await actions.repeat({ connectorId, from: new Date(from).toISOString(), to }));
        }}
      >
        <Field label={words.from} required>
          <Input name="from" type="date" />
        </Field>
        <Field label={words.to} required>
          <Input name="to" type="date" />
        </Field>
      </AskFirst>
      <Text role="status">{said}</Text>
    </>
  );
}

function answerOf(result: RepeatResult): Answer {
  const words = text.commands.repeat;
  if (result.kind === 'done') return { said: words.done(result.windows, result.earlier) };
  return { problem: words.results[result.kind] };
}
