import type { Metadata } from 'next';
import { requireActor } from '#app/authentication.ts';
import { AuditLog } from '#components/audit/audit-log.tsx';
import * as text from '#components/text/text.ts';
import { auditPage, auditState } from '#lib/audit/log.ts';
import { auditSelection } from '#lib/audit/selection.ts';
import { database } from '#lib/db.ts';

export const metadata: Metadata = { title: text.audit.title };

const ENTRIES_A_PAGE = 50;

interface Props {
  readonly searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>>;
}

export default async function AuditLogPage({ searchParams }: Props) {
  const [actor, query] = await Promise.all([requireActor('audit.read'), searchParams]);
  const one = Object.entries(query).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []));
  const selection = auditSelection(new URLSearchParams(one));
  const { pool } = database();
  const [page, state] = await Promise.all([auditPage(pool, actor, selection, ENTRIES_A_PAGE), auditState(pool, actor)]);
  return <AuditLog page={page} state={state} selection={selection} />;
}
