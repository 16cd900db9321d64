'use client';

import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { PersonCircleRegular } from '@fluentui/react-icons';
import * as text from '#components/text/text.ts';
import { MenuOnDemand } from './menu-on-demand.tsx';

const loadMenu = async () => (await import('./account-menu-opened.tsx')).AccountMenuOpened;

const useStyles = makeStyles({
  button: { minWidth: '32px', flexShrink: 0, padding: tokens.spacingHorizontalXXS },
});

export interface Person {
  readonly name: string;
  readonly address: string;
}

/** Who is signed in, and the way out. */
export function AccountMenu(person: Person) {
  const styles = useStyles();
  return (
    <MenuOnDemand
      load={loadMenu}
      popup="menu"
      part="menu"
      menu={person}
      button={
        <Button className={styles.button} appearance="subtle" aria-label={`${text.frame.account}: ${person.name}`}>
          <PersonCircleRegular fontSize={24} />
        </Button>
      }
    />
  );
}
