'use client';

import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { CheckmarkCircleFilled, WarningFilled } from '@fluentui/react-icons';
import { Breakable } from '#components/frame/breakable.tsx';
import { CardCell, type CardColumn, CardRow, CardTable } from '#components/frame/card-table.tsx';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { CoverageResult } from '#lib/coverage/lines.ts';
import type { ListedLine } from '#lib/coverage/list.ts';

const words = text.coverage;
const COLUMNS = {
  name: { label: words.columns.name, width: 'wide' },
  number: { label: words.columns.number, width: 'number' },
  lastArchived: { label: words.columns.lastArchived, width: 'medium' },
  mailbox: { label: words.columns.mailbox, width: 'wide' },
  result: { label: words.columns.result, width: 'wide' },
  mapping: { label: words.columns.mapping, width: 'wide' },
} as const satisfies Readonly<Record<string, CardColumn>>;

const useStyles = makeStyles({
  line: { display: 'block' },
  muted: { display: 'block', color: tokens.colorNeutralForeground3 },
  mark: { display: 'flex', alignItems: 'start', columnGap: tokens.spacingHorizontalXS },
  icon: { display: 'flex', flexShrink: 0, fontSize: '20px' },
  well: { color: tokens.colorStatusSuccessForeground1 },
  needing: { color: tokens.colorStatusWarningForeground3 },
});

/** A line for each registered user, and for each row of the mapping beside them. */
export function CoverageTable({ lines }: { readonly lines: readonly ListedLine[] }) {
  return (
    <CardTable label={words.table} columns={Object.values(COLUMNS)}>
      {lines.map((line) => (
        <Line key={line.id} line={line} />
      ))}
    </CardTable>
  );
}

function Line({ line }: { readonly line: ListedLine }) {
  const styles = useStyles();
  const isRegistered = line.status !== null;
  return (
    <CardRow>
      <CardCell column={COLUMNS.name}>
        <span className={styles.line}>{line.name ?? words.noName}</span>
        <span className={styles.muted}>{line.status === null ? words.notRegistered : words.statuses[line.status]}</span>
      </CardCell>
      <CardCell column={COLUMNS.number}>{line.mobile}</CardCell>
      <CardCell column={COLUMNS.lastArchived}>
        {line.lastArchivedAt === null ? (
          <span className={styles.muted}>{isRegistered ? words.never : words.none}</span>
        ) : (
          <Time value={line.lastArchivedAt} />
        )}
      </CardCell>
      <CardCell column={COLUMNS.mailbox}>
        {line.result !== 'mailbox' ? (
          <span className={styles.muted}>{words.none}</span>
        ) : (
          <>
            <span className={styles.line}>
              <Breakable>{line.mailbox ?? ''}</Breakable>
            </span>
            {line.rule === null ? null : <span className={styles.muted}>{words.rules[line.rule]}</span>}
          </>
        )}
      </CardCell>
      <CardCell column={COLUMNS.result}>
        <Result result={line.result} address={line.mailbox ?? line.email ?? ''} />
        {line.decides ? null : <span className={styles.muted}>{words.notNow}</span>}
      </CardCell>
      <CardCell column={COLUMNS.mapping}>
        <MappingRow line={line} />
      </CardCell>
    </CardRow>
  );
}

/** A result as an icon and words. */
function Result({ result, address }: { readonly result: CoverageResult; readonly address: string }) {
  const styles = useStyles();
  const isWell = result === 'mailbox';
  return (
    <span className={styles.mark}>
      <span className={mergeClasses(styles.icon, isWell ? styles.well : styles.needing)} aria-hidden>
        {isWell ? <CheckmarkCircleFilled /> : <WarningFilled />}
      </span>
      <span>
        <Breakable>{isWell ? words.hasMailbox : text.wizard.mapping.reasons[result](address)}</Breakable>
      </span>
    </span>
  );
}

/** The row of the mapping for this number, and what is wrong with it where another rule has found a mailbox. */
function MappingRow({ line }: { readonly line: ListedLine }) {
  const styles = useStyles();
  if (line.mappingRow === null) return <span className={styles.muted}>{words.none}</span>;
  return (
    <>
      <span className={styles.line}>
        <Breakable>{`${words.row(line.mappingRow)}: ${line.mappedMailbox}`}</Breakable>
      </span>
      {line.validFrom === null ? null : (
        <span className={styles.muted}>
          {words.validFrom} <Time value={line.validFrom} />
        </span>
      )}
      {line.validTo === null ? null : (
        <span className={styles.muted}>
          {words.validTo} <Time value={line.validTo} />
        </span>
      )}
      {line.mappedResult === null || line.mappedResult === line.result ? null : (
        <Result result={line.mappedResult} address={line.mappedMailbox ?? ''} />
      )}
    </>
  );
}
