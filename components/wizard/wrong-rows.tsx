'use client';

import { Button, MessageBar, MessageBarBody, makeStyles, tokens } from '@fluentui/react-components';
import * as text from '#components/text/text.ts';
import type { Findings } from './check-file.ts';
import { downloadBlob } from './download-blob.ts';

const words = text.wizard.mapping;

const useStyles = makeStyles({
  actions: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
});

export interface WrongRowsFound extends Findings {
  /** null: only the first errors are known */
  readonly errorsCsv: Blob | null;
}

export interface WrongRowsProps {
  readonly found: WrongRowsFound;
  readonly uploads: boolean;
  readonly onApply: () => void;
}

/** How many rows are wrong, and the two ways on: the list, and the rest of the file without them. */
export function WrongRows({ found, uploads, onApply }: WrongRowsProps) {
  const styles = useStyles();
  const { rowCount, erroneousRowCount, errorsCsv } = found;
  return (
    <>
      <MessageBar intent="error" layout="multiline">
        <MessageBarBody role="alert">{words.rowsWrong(erroneousRowCount, rowCount + erroneousRowCount)}</MessageBarBody>
      </MessageBar>
      <div className={styles.actions}>
        {errorsCsv === null ? null : (
          <Button onClick={() => downloadBlob(errorsCsv, 'mapping-errors.csv')}>{words.downloadErrors}</Button>
        )}
        {rowCount > 0 ? (
          <Button disabledFocusable={uploads} onClick={onApply}>
            {words.applyWithout(erroneousRowCount)}
          </Button>
        ) : null}
      </div>
    </>
  );
}
