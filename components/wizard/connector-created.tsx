'use client';

import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  makeStyles,
  tokens,
} from '@fluentui/react-components';
import { CheckmarkCircleFilled } from '@fluentui/react-icons';
import * as text from '#components/text/text.ts';

const words = text.wizard.login;

const useStyles = makeStyles({
  title: { display: 'flex', alignItems: 'center', columnGap: tokens.spacingHorizontalS },
  tick: { color: tokens.colorStatusSuccessForeground1, fontSize: '24px', flexShrink: 0 },
});

export interface ConnectorCreatedProps {
  readonly account: string;
  readonly users: number;
  readonly onClose: () => void;
}

/** The pop-up of the documentation: the connector is registered at TeleMessage. */
export function ConnectorCreated({ account, users, onClose }: ConnectorCreatedProps) {
  const styles = useStyles();
  return (
    <Dialog open onOpenChange={(_event, { open }) => (open ? undefined : onClose())}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>
            <span className={styles.title}>
              <CheckmarkCircleFilled className={styles.tick} aria-hidden />
              {words.createdTitle}
            </span>
          </DialogTitle>
          <DialogContent>{words.created(account, users)}</DialogContent>
          <DialogActions>
            <Button appearance="primary" onClick={onClose}>
              {words.close}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
