'use client';

import { Button, DrawerBody, DrawerHeader, DrawerHeaderTitle, OverlayDrawer } from '@fluentui/react-components';
import { DismissRegular } from '@fluentui/react-icons';
import * as text from '#components/text/text.ts';
import type { Role } from '#lib/security/roles.ts';
import { NavigationList } from './navigation-list.tsx';

interface NavigationDrawerProps {
  readonly roles: readonly Role[];
  readonly onClose: () => void;
}

/** The navigation on a narrow screen. It is there only while it is open: a closed one would still trap the keyboard. */
export function NavigationDrawer({ roles, onClose }: NavigationDrawerProps) {
  return (
    <OverlayDrawer
      open
      onOpenChange={(_event, { open }) => (open ? undefined : onClose())}
      position="start"
      size="small"
    >
      <DrawerHeader>
        <DrawerHeaderTitle
          action={
            <Button
              appearance="subtle"
              aria-label={text.frame.closeNavigation}
              icon={<DismissRegular />}
              onClick={onClose}
            />
          }
        >
          {text.frame.productName}
        </DrawerHeaderTitle>
      </DrawerHeader>
      <DrawerBody>
        <NavigationList roles={roles} onChosen={onClose} />
      </DrawerBody>
    </OverlayDrawer>
  );
}
