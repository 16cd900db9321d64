'use client';

import { Button, makeStyles, tokens } from '@fluentui/react-components';
import type { Ref } from 'react';
import { LinkButton } from '#components/frame/link-button.tsx';
import * as text from '#components/text/text.ts';

const useStyles = makeStyles({
  nothing: { display: 'grid', justifyItems: 'start', rowGap: tokens.spacingVerticalS },
  title: {
    margin: 0,
    fontSize: tokens.fontSizeBase500,
    lineHeight: tokens.lineHeightBase500,
    fontWeight: tokens.fontWeightSemibold,
  },
  paragraph: { margin: 0 },
});

/** Where an organization has no connector. */
export function NoConnectors() {
  const styles = useStyles();
  const words = text.connectors.empty;
  return (
    <div className={styles.nothing}>
      <h2 className={styles.title}>{words.title}</h2>
      <p className={styles.paragraph}>{words.body}</p>
      <LinkButton appearance="primary" href="/data-connectors">
        {words.add}
      </LinkButton>
    </div>
  );
}

/** Where no connector is as the filters want it. */
export function NoMatch({ clear, onClear }: { readonly clear: Ref<HTMLButtonElement>; readonly onClear: () => void }) {
  const styles = useStyles();
  return (
    <div className={styles.nothing}>
      <p className={styles.paragraph}>{text.problems.noMatch}</p>
      <Button ref={clear} onClick={onClear}>
        {text.problems.clearFilters}
      </Button>
    </div>
  );
}
