'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import { CallRegular, CellularData1Regular, ChatMultipleRegular, PhoneRegular } from '@fluentui/react-icons';
import type { ReactElement } from 'react';

const useStyles = makeStyles({
  tile: {
    display: 'flex',
    alignItems: 'center',
    justifyContent: 'center',
    flexShrink: 0,
    borderRadius: tokens.borderRadiusLarge,
    color: tokens.colorBrandForeground2,
    backgroundColor: tokens.colorBrandBackground2,
  },
});

export interface KindIconProps {
  readonly slug: string;
  readonly captures: 'app' | 'network';
  /** pixels */
  readonly size?: number;
}

/** A tile that tells phones, networks, numbers and chats apart at a glance. */
export function KindIcon({ slug, captures, size = 40 }: KindIconProps) {
  const styles = useStyles();
  return (
    <span className={styles.tile} style={{ width: size, height: size, fontSize: size / 2 }} aria-hidden>
      {iconOf(slug, captures)}
    </span>
  );
}

function iconOf(slug: string, captures: KindIconProps['captures']): ReactElement {
  if (slug === 'android-archiver') return <PhoneRegular />;
  if (captures === 'network') return <CellularData1Regular />;
  return slug === 'enterprise-number-archiver' ? <CallRegular /> : <ChatMultipleRegular />;
}
