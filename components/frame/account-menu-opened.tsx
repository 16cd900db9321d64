'use client';

import {
  Menu,
  MenuDivider,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  makeStyles,
  tokens,
} from '@fluentui/react-components';
import { SignOutRegular } from '@fluentui/react-icons';
import { signOut } from 'next-auth/react';
import * as text from '#components/text/text.ts';
import type { Person } from './account-menu.tsx';
import type { OpenedBy } from './menu-on-demand.tsx';

const useStyles = makeStyles({
  person: { padding: tokens.spacingVerticalS, display: 'grid' },
  address: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, overflowWrap: 'anywhere' },
});

export function AccountMenuOpened({ name, address, button, open, onOpenChange }: Person & OpenedBy) {
  const styles = useStyles();
  return (
    <Menu open={open} onOpenChange={(_event, data) => onOpenChange(data.open)}>
      <MenuTrigger disableButtonEnhancement>{button}</MenuTrigger>
      <MenuPopover>
        <div className={styles.person}>
          <strong>{name}</strong>
          <span className={styles.address}>{address}</span>
        </div>
        <MenuDivider />
        <MenuList>
          <MenuItem
            icon={<SignOutRegular />}
            onClick={() => void signOut({ callbackUrl: '/sign-in?reason=signed-out' })}
          >
            {text.frame.signOut}
          </MenuItem>
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
