'use client';

import { Button, MessageBar, MessageBarActions, MessageBarBody } from '@fluentui/react-components';
import * as text from '#components/text/text.ts';

export interface PortalRowsProps {
  readonly count: number;
  readonly busy: boolean;
  readonly onDecide: (portalRows: 'keep' | 'remove') => void;
}

/** Rows that somebody added in the portal are not in the file: nobody but the administrator knows whether they are to go. */
export function PortalRows({ count, busy, onDecide }: PortalRowsProps) {
  const words = text.mapping.difference;
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody role="alert">{words.portal(count)}</MessageBarBody>
      <MessageBarActions>
        <Button disabledFocusable={busy} onClick={() => onDecide('keep')}>
          {words.keepPortal(count)}
        </Button>
        <Button disabledFocusable={busy} onClick={() => onDecide('remove')}>
          {words.removePortal(count)}
        </Button>
      </MessageBarActions>
    </MessageBar>
  );
}
