'use client';

import { makeStyles } from '@fluentui/react-components';
import { useState } from 'react';
import * as text from '#components/text/text.ts';
import { HEALTH_WORDS } from '#lib/connectors/health.ts';
import type { ConnectorRow } from '#lib/connectors/snapshot.ts';
import type { LiveState } from './live-state.ts';

const useStyles = makeStyles({
  hidden: {
    position: 'absolute',
    width: '1px',
    height: '1px',
    overflow: 'hidden',
    clipPath: 'inset(50%)',
    whiteSpace: 'nowrap',
  },
});

/** Tells a screen reader when an import begins or ends and when a health changes: events, not every number. */
export function Announcer({ state }: { readonly state: LiveState }) {
  const styles = useStyles();
  const [seen, setSeen] = useState({ rows: state.rows, said: '' });
  if (seen.rows !== state.rows) {
    const news = [...state.rows.values()].flatMap(({ row }) => newsOf(seen.rows.get(row.id)?.row, row) ?? []);
    setSeen({ rows: state.rows, said: news.length > 0 ? news.join(' ') : seen.said });
  }
  return (
    <div className={styles.hidden} role="status" aria-live="polite">
      {seen.said}
    </div>
  );
}

function newsOf(before: ConnectorRow | undefined, row: ConnectorRow): string | null {
  const words = text.connectors.live;
  if (before === undefined) return null;
  const [ran, runs] = [before.open.length > 0, row.open.length > 0];
  if (ran && !runs) return words.finished(row.name, HEALTH_WORDS[row.health]);
  if (!ran && runs) return words.started(row.name);
  return before.health === row.health ? null : words.health(row.name, HEALTH_WORDS[row.health]);
}
