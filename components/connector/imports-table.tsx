'use client';

import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { CardCell, type CardColumn, CardRow, CardTable } from '#components/frame/card-table.tsx';
import { LinkButton } from '#components/frame/link-button.tsx';
import { TextLink } from '#components/frame/text-link.tsx';
import { useNow } from '#components/live/use-now.ts';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import { evidenceAddress } from '#lib/evidence/address.ts';
import type { ImportLine, ImportPage } from '#lib/imports/list.ts';
import { reasonOf } from '#lib/imports/reasons.ts';
import { elapsed } from './elapsed.ts';
import { type ImportActions, LineCommands, RepeatRange } from './import-commands.tsx';
import { ImportsViews } from './imports-views.tsx';
import { useLiveConnector } from './live-connector.tsx';
import { Numbers } from './numbers.tsx';

const useStyles = makeStyles({
  page: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalL },
  line: { display: 'block' },
  muted: { color: tokens.colorNeutralForeground3 },
  pages: { display: 'flex', columnGap: tokens.spacingHorizontalS },
  empty: { display: 'grid', rowGap: tokens.spacingVerticalXS },
  paragraph: { margin: 0 },
});

export interface ImportsTableProps {
  readonly connectorId: string;
  readonly page: ImportPage;
  /** this is not the first page */
  readonly later: boolean;
  /** windows that nothing is importing */
  readonly openWindows: number;
  /** null where the person may only look */
  readonly actions: ImportActions | null;
  /** whether the person may see evidence */
  readonly mayProve: boolean;
}

/** Every import, live and past: when, why, how far, and its numbers at completion and now. */
export function ImportsTable({ connectorId, page, later, openWindows, actions, mayProve }: ImportsTableProps) {
  const styles = useStyles();
  const words = text.connectors.imports;
  const open = useLiveConnector()?.row.open ?? [];
  const base = `/connectors/${connectorId}/imports`;
  if (page.imports.length === 0) {
    return (
      <div className={styles.empty}>
        <strong>{words.empty}</strong>
        <p className={styles.paragraph}>{words.emptyHelp}</p>
      </div>
    );
  }
  const lines = page.imports.map((line) => {
    const moving = open.find(({ id }) => id === line.id);
    return moving === undefined
      ? line
      : { ...line, phase: moving.phase, counts: moving.counts, problem: moving.problem };
  });
  return (
    <div className={styles.page}>
      <ImportsViews connectorId={connectorId} />
      {openWindows === 0 ? null : <p className={styles.paragraph}>{text.commands.openWindows(openWindows)}</p>}
      {actions === null ? null : (
        <div className={styles.pages}>
          <RepeatRange connectorId={connectorId} actions={actions} />
        </div>
      )}
      <CardTable label={words.label} columns={Object.values(COLUMNS)}>
        {lines.map((line) => (
          <Line key={line.id} line={line} connectorId={connectorId} actions={actions} mayProve={mayProve} />
        ))}
      </CardTable>
      {later || page.olderThan !== null ? (
        <div className={styles.pages}>
          {later ? <LinkButton href={base}>{words.newest}</LinkButton> : null}
          {page.olderThan === null ? null : (
            <LinkButton href={`${base}?olderThan=${page.olderThan}`}>{words.older}</LinkButton>
          )}
        </div>
      ) : null}
    </div>
  );
}

const { columns } = text.connectors.imports;
const COLUMNS = {
  number: { label: columns.number, width: 'small' },
  window: { label: columns.window, width: 'time' },
  trigger: { label: columns.trigger, width: 'small' },
  phase: { label: columns.phase, width: 'small' },
  atCompletion: { label: columns.atCompletion, width: 'wide' },
  now: { label: columns.now, width: 'wide' },
  duration: { label: columns.duration, width: 'medium' },
} as const satisfies Record<string, CardColumn>;

interface LineProps extends Pick<ImportsTableProps, 'connectorId' | 'actions' | 'mayProve'> {
  readonly line: ImportLine;
}

function Line({ line, connectorId, actions, mayProve }: LineProps) {
  const styles = useStyles();
  const words = text.connectors.imports;
  const same =
    line.countsAtCompletion !== null && JSON.stringify(line.countsAtCompletion) === JSON.stringify(line.counts);
  return (
    <CardRow>
      <CardCell column={COLUMNS.number}>
        <span className={styles.line}>{line.number}</span>
        {mayProve ? (
          <TextLink
            href={evidenceAddress({ of: { kind: 'import', importId: line.id } })}
            label={text.commands.evidence.ofImport(line.number)}
          >
            {text.commands.evidence.link}
          </TextLink>
        ) : null}
      </CardCell>
      <CardCell column={COLUMNS.window}>
        <span className={styles.line}>
          <Time value={line.windowStart} />
        </span>
        <span className={styles.line}>
          <Time value={line.windowEnd} />
        </span>
      </CardCell>
      <CardCell column={COLUMNS.trigger}>{words.triggers[line.trigger]}</CardCell>
      <CardCell column={COLUMNS.phase}>
        {words.phases[line.phase]}
        {line.problem === null ? null : (
          <span className={mergeClasses(styles.line, styles.muted)}>{reasonOf(line.problem).sentence}</span>
        )}
      </CardCell>
      <CardCell column={COLUMNS.atCompletion}>
        {line.countsAtCompletion === null ? (
          <span className={styles.muted}>{text.connectors.notYet}</span>
        ) : (
          <Numbers counts={line.countsAtCompletion} />
        )}
      </CardCell>
      <CardCell column={COLUMNS.now}>
        {same ? <span className={styles.muted}>{words.unchanged}</span> : <Numbers counts={line.counts} />}
      </CardCell>
      <CardCell column={COLUMNS.duration}>
        <span className={styles.line}>
          <Duration line={line} />
        </span>
        {actions === null ? null : <LineCommands connectorId={connectorId} actions={actions} line={line} />}
      </CardCell>
    </CardRow>
  );
}

function Duration({ line: { startedAt, completedAt, phase } }: { readonly line: ImportLine }) {
  const running = startedAt !== null && completedAt === null && phase !== 'cancelled';
  const now = useNow(running);
  if (startedAt === null) return text.connectors.notYet;
  if (completedAt !== null) return elapsed(Date.parse(completedAt) - Date.parse(startedAt));
  return running && now > 0 ? elapsed(now - Date.parse(startedAt)) : '';
}
