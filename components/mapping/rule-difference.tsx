'use client';

import { MessageBar, MessageBarBody, makeStyles, tokens } from '@fluentui/react-components';
import { CardCell, type CardColumn, CardRow, CardTable } from '#components/frame/card-table.tsx';
import { ruleChangeSentences, ruleMovesSentence } from '#components/text/en/mapping-rule.ts';
import * as text from '#components/text/text.ts';
import type { RuleDifference as Difference } from '#lib/connectors/mapping/difference.ts';

const words = text.mappingRule;

const useStyles = makeStyles({
  block: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalM },
  paragraph: { margin: 0 },
  list: { margin: 0, paddingInlineStart: tokens.spacingHorizontalXL },
});

const { columns } = words;
const COLUMNS = {
  number: { label: columns.number, width: 'medium' },
  name: { label: columns.name, width: 'wide' },
  oldMailbox: { label: columns.oldMailbox, width: 'wide' },
  newMailbox: { label: columns.newMailbox, width: 'wide' },
} as const satisfies Record<string, CardColumn>;

/** What another rule says, and of whom the messages go elsewhere from now on. */
export function RuleDifference({ rule }: { readonly rule: Difference }) {
  const styles = useStyles();
  const { moved, people, changes } = rule;
  const all = moved === null ? 0 : moved.added + moved.changed + moved.removed;
  return (
    <div className={styles.block}>
      <ul className={styles.list}>
        {ruleChangeSentences(rule).map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      {moved === null ? null : <p className={styles.paragraph}>{ruleMovesSentence(moved)}</p>}
      {changes.includes('region') ? (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>{words.rowsStay}</MessageBarBody>
        </MessageBar>
      ) : null}
      {people.length === 0 ? null : (
        <>
          <CardTable label={words.table} columns={Object.values(COLUMNS)}>
            {people.map((person) => (
              <CardRow key={`${person.number} ${person.name}`}>
                <CardCell column={COLUMNS.number}>{person.number}</CardCell>
                <CardCell column={COLUMNS.name}>{person.name ?? words.noName}</CardCell>
                <CardCell column={COLUMNS.oldMailbox}>{person.oldMailbox ?? words.waits}</CardCell>
                <CardCell column={COLUMNS.newMailbox}>{person.newMailbox ?? words.waits}</CardCell>
              </CardRow>
            ))}
          </CardTable>
          {all > people.length ? <p className={styles.paragraph}>{words.more(all - people.length)}</p> : null}
        </>
      )}
    </div>
  );
}
