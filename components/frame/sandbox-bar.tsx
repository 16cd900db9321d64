'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import { BeakerRegular } from '@fluentui/react-icons';
import * as text from '#components/text/text.ts';

const useStyles = makeStyles({
  bar: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    columnGap: tokens.spacingHorizontalS,
    padding: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalL}`,
    backgroundColor: tokens.colorPaletteMarigoldBackground2,
    color: tokens.colorNeutralForeground1,
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase200,
    borderBottom: `1px solid ${tokens.colorPaletteMarigoldBorder1}`,
  },
  icon: { fontSize: '16px', flexShrink: 0 },
  sentence: { fontWeight: tokens.fontWeightSemibold },
});

/** Permanent, on every page, wherever a configured host is not Microsoft's. Nothing where all of them are. */
export function SandboxBar({ hosts }: { readonly hosts: readonly string[] }) {
  const styles = useStyles();
  if (hosts.length === 0) return null;
  return (
    <section className={styles.bar} aria-label={text.frame.sandbox}>
      <BeakerRegular className={styles.icon} aria-hidden />
      <span className={styles.sentence}>{text.frame.sandbox}</span>
      <span>{text.frame.sandboxHosts(hosts)}</span>
    </section>
  );
}
