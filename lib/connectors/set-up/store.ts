/** The SQL of the wizard. Every statement names the organization and changes a connector only while it is a draft. */
import type pg from 'pg';
import type { Prisma, PrismaClient } from '../../generated/prisma/client.ts';
import { isRegion, type Region } from '../../mapping/number.ts';
import type { ConsentAnswerProblem, Draft } from './draft.ts';

const INCLUDE = {
  source: true,
  mappingVersions: { where: { status: 'in_force' }, take: 1 },
} satisfies Prisma.ConnectorInclude;

type Row = Prisma.ConnectorGetPayload<{ include: typeof INCLUDE }>;

/** A client, or the transaction that a change belongs to. */
export type Store = Pick<PrismaClient, 'connector' | 'consentRequest' | 'auditEntry'>;

export async function readDraft(store: Store, organizationId: string, draftId: string): Promise<Draft | null> {
  const row = await store.connector.findFirst({
    where: { id: draftId, organizationId, status: 'draft' },
    include: INCLUDE,
  });
  return row === null ? null : draftOf(row);
}

export async function readDraftOfKind(store: Store, organizationId: string, kind: string): Promise<Draft | null> {
  const row = await store.connector.findFirst({ where: { organizationId, kind, status: 'draft' }, include: INCLUDE });
  return row === null ? null : draftOf(row);
}

/** How many drafts and live connectors an organization has of each kind. */
export async function countByKind(
  store: Store,
  organizationId: string,
): Promise<ReadonlyMap<string, { readonly drafts: number; readonly live: number }>> {
  const groups = await store.connector.groupBy({
    by: ['kind', 'status'],
    where: { organizationId, status: { in: ['draft', 'live'] } },
    _count: true,
  });
  const counts = new Map<string, { drafts: number; live: number }>();
  for (const { kind, status, _count } of groups) {
    const entry = counts.get(kind) ?? { drafts: 0, live: 0 };
    counts.set(kind, status === 'draft' ? { ...entry, drafts: _count } : { ...entry, live: _count });
  }
  return counts;
}

/** @returns false where the organization has a draft of this kind already */
export async function insertDraft(
  store: Store,
  draft: {
    readonly id: string;
    readonly organizationId: string;
    readonly kind: string;
    readonly name: string;
    readonly createdBy: string;
  },
): Promise<boolean> {
  const { count } = await store.connector.createMany({ data: [draft], skipDuplicates: true });
  return count === 1;
}

/** @returns false where it is no draft (any more) */
export async function updateDraft(
  store: Store,
  organizationId: string,
  draftId: string,
  data: Prisma.ConnectorUncheckedUpdateManyInput,
): Promise<boolean> {
  const { count } = await store.connector.updateMany({ where: { id: draftId, organizationId, status: 'draft' }, data });
  return count === 1;
}

/**
 * Holds a draft for the rest of a transaction: nobody finishes or discards it before the end.
 *
 * @returns what it is logged in to; null where it is no draft (any more)
 */
export async function lockDraft(
  client: Pick<pg.ClientBase, 'query'>,
  organizationId: string,
  draftId: string,
): Promise<{ readonly sourceId: bigint | null } | null> {
  // Not FOR UPDATE: an upload that is being stored refers to the row, and would be waited for.
  const { rows } = await client.query<{ source_id: string | null }>(
    `SELECT source_id FROM connector WHERE id = $1 AND organization_id = $2 AND status = 'draft' FOR NO KEY UPDATE`,
    [draftId, organizationId],
  );
  const [row] = rows;
  return row === undefined ? null : { sourceId: row.source_id === null ? null : BigInt(row.source_id) };
}

/** The mapping step is open again until somebody has seen what the new mapping makes of the users. After `lockDraft`. */
export async function reopenMapping(
  client: Pick<pg.ClientBase, 'query'>,
  organizationId: string,
  draftId: string,
  defaultRegion?: Region,
): Promise<void> {
  await client.query(
    `UPDATE connector SET mapping_confirmed_at = NULL, default_region = coalesce($3, default_region), updated_at = now()
      WHERE id = $1 AND organization_id = $2 AND status = 'draft'`,
    [draftId, organizationId, defaultRegion ?? null],
  );
}

/** The name of the live connector that imports from an account; null where there is none. */
export async function liveConnectorOf(
  store: Store,
  organizationId: string,
  kind: string,
  accountId: string,
): Promise<string | null> {
  const row = await store.connector.findFirst({
    where: { organizationId, status: 'live', source: { kind, accountId } },
    select: { name: true },
  });
  return row?.name ?? null;
}

/** Whether a connector is there, as a draft or live. */
export async function exists(store: Store, organizationId: string, connectorId: string): Promise<boolean> {
  return (await store.connector.count({ where: { id: connectorId, organizationId } })) > 0;
}

export interface SealedCredentials {
  readonly username: string;
  readonly passwordSealed: string;
}

/** What is needed to sign in as the draft's account again; there before its registration is. Null where it never was. */
export async function readCredentials(
  store: Store,
  organizationId: string,
  draftId: string,
): Promise<SealedCredentials | null> {
  const row = await store.connector.findFirst({
    where: { id: draftId, organizationId, status: 'draft' },
    select: { username: true, passwordSealed: true },
  });
  const { username, passwordSealed } = row ?? {};
  return username && passwordSealed ? { username, passwordSealed } : null;
}

function draftOf(row: Row): Draft {
  const [version] = row.mappingVersions;
  return {
    id: row.id,
    organizationId: row.organizationId,
    kind: row.kind,
    name: row.name,
    startedBy: row.createdBy,
    savedAt: row.updatedAt,
    terms:
      row.termsAcceptedAt === null || row.termsVersion === null
        ? null
        : { version: row.termsVersion, acceptedBy: row.termsAcceptedBy ?? '', acceptedAt: row.termsAcceptedAt },
    login:
      row.source === null || row.username === null || row.sourceConnectorId === null
        ? null
        : {
            sourceId: row.source.id,
            accountId: row.source.accountId,
            accountName: row.source.accountName,
            username: row.username,
            registrationId: row.sourceConnectorId,
            registeredUsers: row.registeredUsers ?? 0,
          },
    mapping: {
      automatic: row.automaticMapping,
      defaultRegion: isRegion(row.defaultRegion) ? row.defaultRegion : 'US',
      file: version
        ? {
            versionId: version.id,
            fileName: version.fileName ?? '',
            rowCount: version.rowCount,
            leftOutCount: version.leftOutCount,
          }
        : null,
      confirmedAt: row.mappingConfirmedAt,
    },
    consent: {
      mode: row.consentMode === 'chosen' ? 'chosen' : 'all',
      inside: row.insideMailbox,
      outside: row.outsideMailbox,
      requestedAt: row.consentRequestedAt,
      provenAt: row.consentProvenAt,
      problem: problemOf(row.consentProblem),
    },
  };
}

/** `declined`, `failed`, or `wrong_tenant <given> <expected>`. */
export function problemText(problem: ConsentAnswerProblem): string {
  return problem.kind === 'wrong_tenant' ? `${problem.kind} ${problem.given} ${problem.expected}` : problem.kind;
}

function problemOf(text: string | null): ConsentAnswerProblem | null {
  const [kind, given, expected] = text?.split(' ') ?? [];
  if (kind === 'declined' || kind === 'failed') return { kind };
  return kind === 'wrong_tenant' && given && expected ? { kind, given, expected } : null;
}
