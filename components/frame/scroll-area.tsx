'use client';

import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';

const useStyles = makeStyles({
  area: {
    overflow: 'auto',
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '2px' },
  },
});

// What scrolls must be reachable by keyboard, or it cannot be read without a mouse (WCAG 2.1.1).
const reachable = { tabIndex: 0 };

export interface ScrollAreaProps {
  readonly label: string;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A region that scrolls inside the page, named and focusable. */
export function ScrollArea({ label, className, children }: ScrollAreaProps) {
  const styles = useStyles();
  return (
    <section aria-label={label} className={mergeClasses(styles.area, className)} {...reachable}>
      {children}
    </section>
  );
}
