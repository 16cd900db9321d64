'use client';

import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { useRouter } from 'next/navigation';
import { type ReactNode, startTransition } from 'react';
import { Boundary } from '#components/frame/boundary.tsx';
import * as text from '#components/text/text.ts';
import { calendar as calendarWords, charts as chartsWords } from '#components/text/text.ts';

const useStyles = makeStyles({
  failed: { display: 'grid', justifyItems: 'start', rowGap: tokens.spacingVerticalS },
  sentence: { margin: 0 },
});

const WORDS = { calendar: calendarWords, charts: chartsWords };

interface PartBoundaryProps {
  /** says what could not be loaded. @param reference of the log line; null where the fault is in the browser */
  readonly sentence: 'calendar' | 'charts';
  readonly children: ReactNode;
}

/** A part of a page that may fail by itself: the rest of the page stays, and the part says so in its place. */
export function PartBoundary({ sentence, children }: PartBoundaryProps) {
  return (
    <Boundary
      instead={(error, again) => <FailedPart sentence={WORDS[sentence].failed(error.digest ?? null)} onRetry={again} />}
    >
      {children}
    </Boundary>
  );
}

function FailedPart({ sentence, onRetry }: { readonly sentence: string; readonly onRetry: () => void }) {
  const styles = useStyles();
  const router = useRouter();
  function retry(): void {
    startTransition(() => {
      router.refresh();
      onRetry();
    });
  }
  return (
    <div role="alert" className={styles.failed}>
      <p className={styles.sentence}>{sentence}</p>
      <Button onClick={retry}>{text.problems.tryAgain}</Button>
    </div>
  );
}
