'use client';

import { Checkbox, Field, makeStyles, Select, tokens } from '@fluentui/react-components';
import * as text from '#components/text/text.ts';
import { NARROW } from './use-narrow.ts';
import { SORT_COLUMNS, type View } from './view.ts';

const useStyles = makeStyles({
  order: {
    display: 'none',
    [NARROW]: { display: 'flex', flexWrap: 'wrap', alignItems: 'end', columnGap: tokens.spacingHorizontalS },
  },
});

interface CardOrderProps {
  readonly view: Pick<View, 'sort' | 'descending'>;
  readonly onChange: (change: Partial<View>) => void;
}

/** The order of cards, which have no header to click on. */
export function CardOrder({ view, onChange }: CardOrderProps) {
  const styles = useStyles();
  return (
    <div className={styles.order}>
      <Field label={text.connectors.sortBy} orientation="horizontal">
        <Select
          value={view.sort}
          onChange={(_event, { value }) => {
            const column = SORT_COLUMNS.find((one) => one === value);
            if (column !== undefined) onChange({ sort: column });
          }}
        >
          {SORT_COLUMNS.map((column) => (
            <option key={column} value={column}>
              {text.connectors.columns[column]}
            </option>
          ))}
        </Select>
      </Field>
      <Checkbox
        label={text.connectors.descending}
        checked={view.descending}
        onChange={(_event, { checked }) => onChange({ descending: checked === true })}
      />
    </div>
  );
}
