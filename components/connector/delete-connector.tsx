'use client';

import { Field, Input } from '@fluentui/react-components';
import { useRouter } from 'next/navigation';
import * as text from '#components/text/text.ts';
import type { DeleteChoice, DeleteResult } from '#lib/connectors/delete.ts';
import type { ConnectorRow } from '#lib/connectors/snapshot.ts';
import { AskFirst, fieldOf } from './ask-first.tsx';

export interface DeleteConnectorProps {
  readonly row: ConnectorRow;
  readonly remove: (choice: DeleteChoice) => Promise<DeleteResult>;
  /** of the button, where a page has another one */
  readonly label?: string;
}

/** Wants the connector's name typed, and then leaves its page, which is not there any more. */
export function DeleteConnector({ row, remove, label }: DeleteConnectorProps) {
  const router = useRouter();
  const words = text.commands.remove;
  return (
    <AskFirst
      label={label ?? words.label}
      submitLabel={words.label}
      title={words.title(row.name)}
      body={words.body}
      appearance={label === undefined ? 'subtle' : 'secondary'}
      onSaid={() => {}}
      run={async (form) => {
        const result = await remove({ connectorId: row.id, name: fieldOf(form, 'name') });
        switch (result.kind) {
          case 'owed':
            return { problem: words.owed(result) };
          case 'wrong_name':
            return { problem: words.wrongName };
          case 'not_found':
            return { problem: text.problems.notFound };
          case 'done':
            router.push('/data-connectors/connectors');
            return { said: '' };
        }
      }}
    >
      <Field label={words.typed(row.name)} required>
        <Input name="name" autoComplete="off" />
      </Field>
    </AskFirst>
  );
}
