'use client';

import { Button, makeStyles, tokens } from '@fluentui/react-components';
import * as text from '#components/text/text.ts';

const useStyles = makeStyles({
  // In sight wherever the page was scrolled to: what failed was asked for there.
  problem: {
    position: 'fixed',
    zIndex: 1000,
    right: tokens.spacingHorizontalM,
    bottom: tokens.spacingVerticalM,
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: tokens.spacingHorizontalM,
    boxSizing: 'border-box',
    maxWidth: `calc(100vw - 2 * ${tokens.spacingHorizontalM})`,
    padding: tokens.spacingVerticalM,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusMedium,
    boxShadow: tokens.shadow16,
    textAlign: 'left',
  },
  sentence: { margin: 0, minWidth: 0 },
});

interface PartProblemProps {
  readonly part: keyof typeof text.problems.parts;
  /** of the log line; null where the fault is in the browser */
  readonly reference?: string | null;
  readonly onRetry: () => void;
}

/** A part of a page that did not come or broke: what it is, and the way to have it. The rest of the page stays. */
export function PartProblem({ part, reference = null, onRetry }: PartProblemProps) {
  const styles = useStyles();
  const words = text.problems;
  return (
    <div role="alert" className={styles.problem}>
      <p className={styles.sentence}>
        {words.parts[part]}
        {reference === null ? null : ` ${words.reference(reference)}`}
      </p>
      <Button onClick={onRetry}>{words.tryAgain}</Button>
    </div>
  );
}
