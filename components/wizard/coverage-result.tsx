'use client';

import {
  Button,
  Link,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  makeStyles,
  Spinner,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
} from '@fluentui/react-components';
import { useState } from 'react';
import { ScrollArea } from '#components/frame/scroll-area.tsx';
import * as text from '#components/text/text.ts';
import type { DraftCoverage, UserWithoutMailbox } from '#lib/connectors/set-up/coverage.ts';

const words = text.wizard.mapping;

const useStyles = makeStyles({
  scroll: { maxHeight: '320px' },
  table: { minWidth: '560px', tableLayout: 'auto' },
  cell: { overflowWrap: 'anywhere' },
  number: { whiteSpace: 'nowrap' },
});

export interface CoverageResultProps {
  /** null while it is being checked */
  readonly coverage: DraftCoverage | null;
  readonly onRetry: () => void;
}

/** "201 of 214 registered users have a mailbox. See the 13 who don't." Or why that is not known yet. */
export function CoverageResult({ coverage, onRetry }: CoverageResultProps) {
  if (coverage === null)
    return (
      <Spinner size="tiny" label={words.coverageChecking} labelPosition="after" style={{ justifyContent: 'start' }} />
    );
  if (coverage.kind === 'checked') return <Checked coverage={coverage} />;
  if (coverage.kind === 'unreachable') {
    return (
      <MessageBar intent="warning">
        <MessageBarBody>{words.coverageFailed}</MessageBarBody>
        <MessageBarActions>
          <Button onClick={onRetry}>{text.problems.tryAgain}</Button>
        </MessageBarActions>
      </MessageBar>
    );
  }
  return (
    <MessageBar intent="info" layout="multiline">
      <MessageBarBody>
        {coverage.kind === 'too_many' ? words.coverageTooMany(coverage.registered) : words.coverageLater}
      </MessageBarBody>
    </MessageBar>
  );
}

function Checked({ coverage }: { readonly coverage: DraftCoverage & { readonly kind: 'checked' } }) {
  const styles = useStyles();
  const [open, setOpen] = useState(false);
  const missing = coverage.registered - coverage.withMailbox;
  return (
    <>
      <MessageBar intent={missing === 0 ? 'success' : 'warning'} layout="multiline">
        <MessageBarBody>
          {words.coverage(coverage.withMailbox, coverage.registered)}{' '}
          {missing === 0 ? null : (
            <Link as="button" type="button" inline aria-expanded={open} onClick={() => setOpen(!open)}>
              {words.coverageMissing(missing)}
            </Link>
          )}
        </MessageBarBody>
      </MessageBar>
      {open ? (
        <ScrollArea className={styles.scroll} label={words.missingTable}>
          <Table className={styles.table} size="small" aria-label={words.missingTable}>
            <TableHeader>
              <TableRow>
                <TableHeaderCell>{words.missingColumns.name}</TableHeaderCell>
                <TableHeaderCell>{words.missingColumns.number}</TableHeaderCell>
                <TableHeaderCell>{words.missingColumns.address}</TableHeaderCell>
                <TableHeaderCell>{words.missingColumns.reason}</TableHeaderCell>
              </TableRow>
            </TableHeader>
            <TableBody>
              {coverage.without.map((user) => (
                <Line key={user.mobile} user={user} />
              ))}
            </TableBody>
          </Table>
        </ScrollArea>
      ) : null}
    </>
  );
}

function Line({ user }: { readonly user: UserWithoutMailbox }) {
  const { cell, number } = useStyles();
  return (
    <TableRow>
      <TableCell className={cell}>{user.name ?? words.none}</TableCell>
      <TableCell className={number}>{user.mobile}</TableCell>
      <TableCell className={cell}>{user.email ?? words.none}</TableCell>
      <TableCell className={cell}>{words.reasons[user.reason](user.address ?? user.email ?? '')}</TableCell>
    </TableRow>
  );
}
