'use client';

import { Field, Input } from '@fluentui/react-components';
import { useRouter } from 'next/navigation';
import * as text from '#components/text/text.ts';
import type { DeleteChoice, DeleteResult, Owed } from '#lib/connectors/delete.ts';
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
            return { problem: words.owed(result), links: whereToSeeToIt(row.id, result) };
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

/** Where what is owed can be imported, or signed off. */
function whereToSeeToIt(connectorId: string, owed: Owed): readonly { readonly href: string; readonly label: string }[] {
  const words = text.commands.remove.links;
  const { held, waiting, failed, unreadable, partial, missing, corrections, removing } = owed;
  const pages = [
    [held, '', words.summary],
    [held + waiting + failed + unreadable + partial + missing, '/not-imported', words.notImported],
    [corrections + removing, '/mapping', words.userMapping],
  ] as const;
  return pages
    .filter(([count]) => count > 0)
    .map(([, page, label]) => ({ href: `/connectors/${connectorId}${page}`, label }));
}
