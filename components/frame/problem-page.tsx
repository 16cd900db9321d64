'use client';

import { Button, makeStyles, tokens } from '@fluentui/react-components';
import * as text from '#components/text/text.ts';
import { LinkButton } from './link-button.tsx';

const words = text.problems;

const useStyles = makeStyles({
  box: { display: 'grid', rowGap: tokens.spacingVerticalM, justifyItems: 'start', maxWidth: '60ch' },
  title: {
    margin: 0,
    fontSize: tokens.fontSizeBase600,
    lineHeight: tokens.lineHeightBase600,
    fontWeight: tokens.fontWeightSemibold,
  },
  paragraph: { margin: 0 },
});

export function NotFound() {
  const styles = useStyles();
  return (
    <div className={styles.box}>
      <h1 className={styles.title}>{words.notFound}</h1>
      <p className={styles.paragraph}>{words.notFoundHelp}</p>
      <LinkButton href="/data-connectors">{words.toDataConnectors}</LinkButton>
    </div>
  );
}

export interface FailedProps {
  /** of the log line; null where the fault is in the browser */
  readonly reference: string | null;
  readonly onRetry: () => void;
}

/** Where a page would be that could not be made. */
export function Failed({ reference, onRetry }: FailedProps) {
  const styles = useStyles();
  return (
    <div className={styles.box} role="alert">
      <h1 className={styles.title}>{words.failed}</h1>
      {reference === null ? null : <p className={styles.paragraph}>{words.reference(reference)}</p>}
      <Button onClick={onRetry}>{words.tryAgain}</Button>
    </div>
  );
}
