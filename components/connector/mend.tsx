'use client';

import { Button } from '@fluentui/react-components';
import { useTransition } from 'react';
import { DialogButton } from '#components/frame/dialog-button.tsx';
import * as text from '#components/text/text.ts';
import type { NewCredentials, UpdateCredentialsResult } from '#lib/connectors/mend.ts';
import type { ConnectorRow } from '#lib/connectors/snapshot.ts';

const loadDialog = async () => (await import('./password-dialog.tsx')).PasswordDialog;

export interface MendActions {
  readonly updateCredentials: (credentials: NewCredentials) => Promise<UpdateCredentialsResult>;
  readonly liftStop: (connectorId: string) => Promise<'done' | 'not_found' | 'unchanged'>;
}

export interface MendProps {
  readonly row: ConnectorRow;
  readonly username: string;
  readonly actions: MendActions;
}

/** Reasons that other credentials can mend. */
const BY_CREDENTIALS: readonly string[] = ['invalid_credentials', 'pin_required', 'other_account'];

/** The one button that helps a stopped connector: new credentials, or another try once its reason is gone. */
export function Mend({ row, username, actions }: MendProps) {
  const [busy, start] = useTransition();
  const words = text.connectors.mend;
  if (BY_CREDENTIALS.includes(row.stoppedReason ?? '')) {
    return (
      <DialogButton
        load={loadDialog}
        button={<Button appearance="primary">{words.updatePassword}</Button>}
        dialog={{ row, username, update: actions.updateCredentials }}
      />
    );
  }
  return (
    <Button
      appearance="primary"
      disabledFocusable={busy}
      onClick={() => start(async () => void (await actions.liftStop(row.id)))}
    >
      {words.tryAgain}
    </Button>
  );
}
