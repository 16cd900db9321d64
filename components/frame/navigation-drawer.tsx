'use client';

import { Button, DrawerBody, DrawerHeader, DrawerHeaderTitle, OverlayDrawer } from '@fluentui/react-components';
import { DismissRegular } from '@fluentui/react-icons';
import { text } from '#components/text/text.ts';
import { NavigationList } from './navigation-list.tsx';

/** The navigation on a narrow screen. It is there only while it is open: a closed one would still trap the keyboard. */
export function NavigationDrawer({ onClose }: { readonly onClose: () => void }) {
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
        <NavigationList onChosen={onClose} />
      </DrawerBody>
    </OverlayDrawer>
  );
}
