/** The SQL of the wizard. Every statement names the organization and changes a connector only while it is a draft. */
import type { Prisma, PrismaClient } from '../../generated/prisma/client.ts';
import { isRegion } from '../../mapping/number.ts';
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

/** What is needed to sign in as the draft's account again. */
export async function readCredentials(
  store: Store,
  organizationId: string,
  draftId: string,
): Promise<{ readonly username: string; readonly passwordSealed: string } | null> {
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
