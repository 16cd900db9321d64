'use client';

import { type FocusEvent, useLayoutEffect, useRef } from 'react';
import { focusIsLost } from './use-grid-focus.ts';

/**
 * Keeps the focus in a part of the page where the control that had it is taken away. What is returned belongs on the part.
 * @param instead what has the focus then
 */
export function useKeptFocus(instead: () => HTMLElement | null): {
  readonly onFocus: (event: FocusEvent) => void;
  readonly onBlur: () => void;
} {
  const held = useRef(false);
  // React tells of no blur when it takes the focused element away itself.
  useLayoutEffect(() => {
    if (held.current && focusIsLost()) instead()?.focus();
  });
  return {
    // React's events also come from dialogs, which lie elsewhere in the page and give the focus back themselves.
    onFocus: ({ currentTarget, target }) => {
      held.current = currentTarget.contains(target);
    },
    onBlur: () => {
      held.current = false;
    },
  };
}
