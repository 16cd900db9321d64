'use client';

import { useRestoreFocusTarget } from '@fluentui/react-components';

/**
 * Keeps Fluent's focus management alive between two dialogs. It is taken down with the last component that uses it, and
 * where that is a dialog which closes by going away, the page behind stays hidden from screen readers for good.
 */
export function FocusKeeper() {
  useRestoreFocusTarget();
  return null;
}
