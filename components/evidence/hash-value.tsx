'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import { evidence } from '#components/text/evidence.ts';

const useStyles = makeStyles({
  box: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalXXS },
  name: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
  value: {
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase300,
    overflowWrap: 'anywhere',
  },
  summary: {
    width: 'fit-content',
    cursor: 'pointer',
    color: tokens.colorBrandForegroundLink,
    fontSize: tokens.fontSizeBase200,
    lineHeight: '24px',
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  how: { margin: `${tokens.spacingVerticalXS} 0 0`, maxWidth: '640px', color: tokens.colorNeutralForeground2 },
});

interface HashValueProps {
  readonly kind: keyof typeof evidence.hashes;
  /** in hex; null where it is not kept */
  readonly value: string | null;
}

/** A hash, and who can make it again. */
export function HashValue({ kind, value }: HashValueProps) {
  const styles = useStyles();
  const isKept = value !== null;
  return (
    <div className={styles.box}>
      <span className={styles.name}>{evidence.hashes[kind]}</span>
      {isKept ? (
        <>
          <span className={styles.value}>{value}</span>
          <details>
            <summary className={styles.summary}>{evidence.who}</summary>
            <p className={styles.how}>
              {evidence.check[kind]} {evidence.check.documented}
            </p>
          </details>
        </>
      ) : (
        <p className={styles.how}>{evidence.check.contentNotKept}</p>
      )}
    </div>
  );
}

interface IdValueProps {
  readonly name: string;
  readonly value: string;
}

/** An id of another system, whole, so that it can be copied. */
export function IdValue({ name, value }: IdValueProps) {
  const styles = useStyles();
  return (
    <div className={styles.box}>
      <span className={styles.name}>{name}</span>
      <span className={styles.value}>{value}</span>
    </div>
  );
}
