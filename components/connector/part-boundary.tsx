'use client';

import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { unstable_rethrow, useRouter } from 'next/navigation';
import { Component, type ReactNode, startTransition } from 'react';
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

interface State {
  readonly error: (Error & { readonly digest?: string }) | null;
}

/** A part of a page that may fail by itself: the rest of the page stays, and the part says so in its place. */
export class PartBoundary extends Component<PartBoundaryProps, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: Error): State {
    // Next leads somewhere else, or says that there is nothing, by errors of its own.
    unstable_rethrow(error);
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <FailedPart
        sentence={WORDS[this.props.sentence].failed(error.digest ?? null)}
        onRetry={() => this.setState({ error: null })}
      />
    );
  }
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
