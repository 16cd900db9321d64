'use client';

import {
  Button,
  MessageBar,
  MessageBarBody,
  makeStyles,
  mergeClasses,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  Text,
  tokens,
} from '@fluentui/react-components';
import { ArrowClockwiseRegular, CopyRegular } from '@fluentui/react-icons';
import { signIn, signOut } from 'next-auth/react';
import { useState } from 'react';
import { CentredCard } from '#components/frame/centred-card.tsx';
import { LinkButton } from '#components/frame/link-button.tsx';
import * as text from '#components/text/text.ts';
import { type Permission, ROLES, type Role } from '#lib/security/roles.ts';

/** Three columns of sentences do not fit beside each other on a telephone: there, a role is a paragraph. */
const NARROW = '@media (max-width: 520px)';

const useStyles = makeStyles({
  actions: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  table: { tableLayout: 'auto' },
  header: { [NARROW]: { display: 'none' } },
  row: {
    [NARROW]: {
      display: 'grid',
      rowGap: tokens.spacingVerticalXXS,
      paddingTop: tokens.spacingVerticalS,
      paddingBottom: tokens.spacingVerticalS,
    },
  },
  cell: {
    paddingTop: tokens.spacingVerticalS,
    paddingBottom: tokens.spacingVerticalS,
    verticalAlign: 'top',
    [NARROW]: { display: 'block', height: 'auto', padding: 0 },
  },
  role: { fontWeight: tokens.fontWeightSemibold },
  grants: { [NARROW]: { color: tokens.colorNeutralForeground3 } },
});

export interface MissingRoleProps {
  readonly organizationId: string;
  readonly address: string;
  readonly roles: readonly Role[];
  readonly permission: Permission;
  /** the person has just checked again */
  readonly checked: boolean;
}

/** Which role is missing, who grants it, and a text to send to them. */
export function MissingRole({ organizationId, address, roles, permission, checked }: MissingRoleProps) {
  const styles = useStyles();
  const [copied, setCopied] = useState(false);
  const words = text.signIn;
  const title = roles.length === 0 ? words.noRole : words.otherRole;
  const request = words.request.body(address, text.frame.productName);

  return (
    <CentredCard title={title} width={720}>
      <Text>{words.signedInAs(address)}</Text>
      {checked ? (
        <MessageBar intent="warning">
          <MessageBarBody>{words.stillNoRole}</MessageBarBody>
        </MessageBar>
      ) : null}
      <Table className={styles.table} aria-label={words.roleTable} size="small">
        <TableHeader className={styles.header}>
          <TableRow>
            <TableHeaderCell>{words.roleColumns.role}</TableHeaderCell>
            <TableHeaderCell>{words.roleColumns.allows}</TableHeaderCell>
            <TableHeaderCell>{words.roleColumns.grants}</TableHeaderCell>
          </TableRow>
        </TableHeader>
        <TableBody>
          {ROLES.map((role) => (
            <TableRow key={role} className={styles.row}>
              <TableCell className={mergeClasses(styles.cell, styles.role)}>
                {role.replace('DataConnectors.', '')}
              </TableCell>
              <TableCell className={styles.cell}>{words.allows[role]}</TableCell>
              <TableCell className={mergeClasses(styles.cell, styles.grants)}>{words.roleGrantedBy}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
      <div className={styles.actions}>
        <Button
          appearance="primary"
          icon={<CopyRegular />}
          onClick={() => void navigator.clipboard.writeText(request).then(() => setCopied(true))}
        >
          {words.request.copy}
        </Button>
        <Button
          icon={<ArrowClockwiseRegular />}
          onClick={() =>
            void signIn(
              organizationId,
              { callbackUrl: `/missing-role?checked=1&permission=${permission}` },
              { login_hint: address },
            )
          }
        >
          {words.check}
        </Button>
        {roles.length > 0 ? <LinkButton href="/data-connectors">{text.problems.toDataConnectors}</LinkButton> : null}
        <Button appearance="subtle" onClick={() => void signOut({ callbackUrl: '/sign-in?reason=signed-out' })}>
          {text.frame.signOut}
        </Button>
      </div>
      <Text role="status" size={200}>
        {copied ? words.request.copied : null}
      </Text>
    </CentredCard>
  );
}
