'use client';

import {
  Button,
  Menu,
  MenuDivider,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  makeStyles,
  tokens,
} from '@fluentui/react-components';
import { PersonCircleRegular, SignOutRegular } from '@fluentui/react-icons';
import { signOut } from 'next-auth/react';
import * as text from '#components/text/text.ts';

const useStyles = makeStyles({
  person: { padding: tokens.spacingVerticalS, display: 'grid' },
  address: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, overflowWrap: 'anywhere' },
  button: { minWidth: '32px', flexShrink: 0, padding: tokens.spacingHorizontalXXS },
});

/** Who is signed in, and the way out. */
export function AccountMenu({ name, address }: { readonly name: string; readonly address: string }) {
  const styles = useStyles();
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <Button className={styles.button} appearance="subtle" aria-label={`${text.frame.account}: ${name}`}>
          <PersonCircleRegular fontSize={24} />
        </Button>
      </MenuTrigger>
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
