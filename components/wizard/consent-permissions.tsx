'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import { KeyRegular } from '@fluentui/react-icons';
import * as text from '#components/text/text.ts';
import type { ConsentMode } from '#lib/microsoft/prove-consent.ts';

const words = text.wizard.consent;

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', rowGap: tokens.spacingVerticalM },
  line: { display: 'grid', gridTemplateColumns: '24px 1fr', columnGap: tokens.spacingHorizontalS },
  icon: { fontSize: '20px', color: tokens.colorNeutralForeground3 },
  code: {
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorNeutralForeground3,
  },
  why: { margin: 0 },
  scope: { margin: 0, color: tokens.colorNeutralForeground3 },
});

/** What will be asked for, and why. */
export function ConsentPermissions({ mode }: { readonly mode: ConsentMode }) {
  const styles = useStyles();
  return (
    <>
      <ul className={styles.list} aria-label={words.permissionColumns.permission}>
        {(mode === 'chosen' ? words.permissionsChosen : words.permissions).map((permission) => (
          <li key={permission.value} className={styles.line}>
            <KeyRegular className={styles.icon} aria-hidden />
            <div>
              <strong>{permission.name}</strong> <span className={styles.code}>{permission.value}</span>
              <p className={styles.why}>{permission.why}</p>
            </div>
          </li>
        ))}
      </ul>
      <p className={styles.scope}>{words.scopeWhy}</p>
    </>
  );
}
