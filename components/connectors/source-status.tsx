'use client';

import {
  Button,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  makeStyles,
  Spinner,
  tokens,
} from '@fluentui/react-components';
import { useEffect, useState } from 'react';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import { type SourceStatusAnswer, sourceStatusAnswerSchema } from '#lib/connectors/source-status-answer.ts';
import { reasonOf } from '#lib/imports/reasons.ts';

const useStyles = makeStyles({
  list: {
    display: 'grid',
    gridTemplateColumns: 'max-content 1fr',
    columnGap: tokens.spacingHorizontalL,
    rowGap: tokens.spacingVerticalXS,
    margin: 0,
  },
  term: { color: tokens.colorNeutralForeground3 },
  value: { margin: 0 },
});

type State =
  | { readonly kind: 'asking' }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'answered'; readonly answer: SourceStatusAnswer };

/** *Connector status with source*: asked of TeleMessage when it is looked at, with an error of its own. */
export function SourceStatus({ connectorId }: { readonly connectorId: string }) {
  const [state, setState] = useState<State>({ kind: 'asking' });
  const [attempt, setAttempt] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt asks again
  useEffect(() => {
    const abort = new AbortController();
    setState({ kind: 'asking' });
    ask(connectorId, abort.signal).then(
      (answer) => setState({ kind: 'answered', answer }),
      () => {
        if (!abort.signal.aborted) setState({ kind: 'unreachable' });
      },
    );
    return () => abort.abort();
  }, [connectorId, attempt]);

  const words = text.connectors.flyout;
  if (state.kind === 'asking') return <Spinner size="tiny" label={words.asking} labelPosition="after" />;
  if (state.kind === 'answered' && state.answer.known) return <Known status={state.answer.status} />;
  const reason =
    state.kind === 'answered' && !state.answer.known ? reasonOf(state.answer.reason).sentence : text.problems.noAnswer;
  return (
    <MessageBar intent="error" layout="multiline">
      <MessageBarBody>
        {words.notAsked} {reason}
      </MessageBarBody>
      <MessageBarActions>
        <Button size="small" onClick={() => setAttempt((count) => count + 1)}>
          {words.tryAgain}
        </Button>
      </MessageBarActions>
    </MessageBar>
  );
}

async function ask(connectorId: string, signal: AbortSignal): Promise<SourceStatusAnswer> {
  const response = await fetch(`/api/connectors/${connectorId}/source-status`, { signal });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return sourceStatusAnswerSchema.parse(await response.json());
}

function Known({ status }: { readonly status: Extract<SourceStatusAnswer, { known: true }>['status'] }) {
  const styles = useStyles();
  const words = text.connectors.flyout;
  return (
    <dl className={styles.list}>
      <dt className={styles.term}>{words.atSource}</dt>
      <dd className={styles.value}>{status.status === 'active' ? words.active : words.suspended}</dd>
      <dt className={styles.term}>{words.lastArchived}</dt>
      <dd className={styles.value}>
        {status.lastArchivedTime === null ? words.never : <Time value={status.lastArchivedTime} />}
      </dd>
      {status.devices === null ? null : (
        <>
          <dt className={styles.term}>{words.devices}</dt>
          <dd className={styles.value}>
            {status.devices}
            {status.dormantDevices ? `, ${words.dormant(status.dormantDevices)}` : null}
          </dd>
        </>
      )}
    </dl>
  );
}
