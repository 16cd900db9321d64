'use client';

import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { type ReactNode, useEffect, useEffectEvent, useRef, useState } from 'react';

const useStyles = makeStyles({
  zone: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: tokens.spacingHorizontalM,
    padding: tokens.spacingVerticalL,
    border: `1px dashed ${tokens.colorNeutralStrokeAccessible}`,
    borderRadius: tokens.borderRadiusLarge,
    backgroundColor: tokens.colorNeutralBackground2,
  },
  over: { border: `1px solid ${tokens.colorBrandStroke1}`, backgroundColor: tokens.colorBrandBackground2 },
});

export interface DropZoneProps {
  readonly onDrop: (file: File) => void;
  /** holds the button that does the same by keyboard */
  readonly children: ReactNode;
}

/**
 * Takes a file that is dropped on it: a second way beside the button in it, for those who have a mouse. So it listens
 * without being a control itself.
 */
export function DropZone({ onDrop, children }: DropZoneProps) {
  const styles = useStyles();
  const zone = useRef<HTMLDivElement>(null);
  const [over, setOver] = useState(false);
  const drop = useEffectEvent((file: File) => onDrop(file));

  useEffect(() => {
    const listening = new AbortController();
    const { signal } = listening;
    const element = zone.current;
    element?.addEventListener(
      'dragover',
      (event) => {
        event.preventDefault();
        setOver(true);
      },
      { signal },
    );
    element?.addEventListener('dragleave', () => setOver(false), { signal });
    element?.addEventListener(
      'drop',
      (event) => {
        event.preventDefault();
        setOver(false);
        const file = event.dataTransfer?.files[0];
        if (file) drop(file);
      },
      { signal },
    );
    return () => listening.abort();
  }, []);

  return (
    <div ref={zone} className={mergeClasses(styles.zone, over && styles.over)}>
      {children}
    </div>
  );
}
