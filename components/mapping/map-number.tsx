'use client';

import { Button, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import { Section } from '#components/connector/section.tsx';
import { CardCell, type CardColumn, CardRow, CardTable } from '#components/frame/card-table.tsx';
import { DialogButton } from '#components/frame/dialog-button.tsx';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { MapNumberInput, MapNumberResult } from '#lib/connectors/mapping/map-number.ts';
import type { WaitingNumbers } from '#lib/connectors/mapping/use-cases.ts';
import type { FindMembers } from './people-picker.tsx';

const loadDialog = async () => (await import('./map-number-dialog.tsx')).MapNumberDialog;

const words = text.mapping.mapNumber;

const useStyles = makeStyles({
  paragraph: { margin: `0 0 ${tokens.spacingVerticalM}` },
  muted: { color: tokens.colorNeutralForeground3 },
});

/** As a browser sends it. */
export type MapNumberChoice = Omit<MapNumberInput, 'from'> & {
  /** ISO 8601; null: nothing was entered */
  readonly from: string | null;
};

export interface MapNumbersProps {
  readonly connectorId: string;
  readonly found: WaitingNumbers;
  /** null for who may not */
  readonly map: ((choice: MapNumberChoice) => Promise<MapNumberResult>) | null;
  readonly findMembers: FindMembers;
}

const { columns } = words;
const COLUMNS = {
  number: { label: columns.number, width: 'time' },
  name: { label: columns.name, width: 'wide' },
  suggested: { label: columns.suggested, width: 'wide' },
  waiting: { label: columns.waiting, width: 'small' },
  oldest: { label: columns.oldest, width: 'time' },
  commands: { label: columns.commands, width: 'medium' },
} as const satisfies Record<string, CardColumn>;

/** People without a mailbox, each with the one that is probably theirs. Nothing where there are none. */
export function MapNumbers({ connectorId, found, map, findMembers }: MapNumbersProps) {
  const styles = useStyles();
  const [said, setSaid] = useState('');
  const { numbers, more } = found;
  if (numbers.length === 0) return <Text role="status">{said}</Text>;
  const shown = Object.values(COLUMNS).filter((column) => map !== null || column !== COLUMNS.commands);
  return (
    <Section title={words.title}>
      <p className={styles.paragraph}>{words.about(numbers.length, more)}</p>
      <Text role="status">{said}</Text>
      <CardTable label={words.table} columns={shown}>
        {numbers.map((one) => (
          <CardRow key={one.number}>
            <CardCell column={COLUMNS.number}>{one.number}</CardCell>
            <CardCell column={COLUMNS.name}>
              {one.name ?? <span className={styles.muted}>{words.noName}</span>}
            </CardCell>
            <CardCell column={COLUMNS.suggested}>
              {one.suggested ?? <span className={styles.muted}>{words.noSuggestion}</span>}
            </CardCell>
            <CardCell column={COLUMNS.waiting}>{text.mapping.difference.count(one.waiting)}</CardCell>
            <CardCell column={COLUMNS.oldest}>
              <Time value={one.oldest} />
            </CardCell>
            {map === null ? null : (
              <CardCell column={COLUMNS.commands}>
                <DialogButton
                  load={loadDialog}
                  button={
                    <Button size="small" aria-label={words.mapOf(words.who(one))}>
                      {words.map}
                    </Button>
                  }
                  dialog={{ connectorId, one, map, findMembers, onSaid: setSaid }}
                />
              </CardCell>
            )}
          </CardRow>
        ))}
      </CardTable>
    </Section>
  );
}
