'use client';

import { Button, makeStyles, ProgressBar, tokens } from '@fluentui/react-components';
import * as text from '#components/text/text.ts';

const words = text.wizard.mapping;

const useStyles = makeStyles({
  row: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalM },
  bar: { flexBasis: '160px', flexGrow: 1 },
  sentence: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
});

export interface CheckProgressProps {
  /** 0 to 1; null while the file travels to the server, which says nothing until it has read it */
  readonly fraction: number | null;
  /** other files are read first */
  readonly waits: boolean;
  readonly rows: number;
  readonly wrong: number;
  readonly onCancel: () => void;
}

/** How far a file is read or uploaded, and the way out. */
export function CheckProgress({ fraction, waits, rows, wrong, onCancel }: CheckProgressProps) {
  const styles = useStyles();
  const label = fraction === null ? words.uploading : words.reading;
  return (
    <div className={styles.row}>
      <ProgressBar className={styles.bar} aria-label={label} {...(fraction === null ? {} : { value: fraction })} />
      <span className={styles.sentence} role={waits ? 'status' : undefined}>
        {fraction !== null ? words.readSoFar(rows, wrong) : waits ? words.waits : label}
      </span>
      <Button size="small" onClick={onCancel}>
        {words.cancel}
      </Button>
    </div>
  );
}
