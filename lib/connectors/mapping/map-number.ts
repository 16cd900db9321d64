/** Mapping one number in the portal: a version with one row more, in force at once, because so little needs no second look. */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { auditIn } from '../../audit/entries.ts';
import { inTransaction } from '../../db.ts';
import { guardsOf } from '../../mapping/guards.ts';
import type { StoredRow } from '../../mapping/lookup.ts';
import { type AddressProblem, domainOf, parseAddress } from '../../mapping/mailbox-address.ts';
import type { MappingRow } from '../../mapping/mapping-file.ts';
import { type NumberProblem, parseNumber, type Region } from '../../mapping/number.ts';
import { applyVersion, versionInForce } from '../../mapping/store/in-force.ts';
import { insertRows, rowsFor } from '../../mapping/store/rows.ts';
import { countRows, insertVersion, lockVersions, type MappingVersion } from '../../mapping/store/versions.ts';
import { type Actor, authorize } from '../../security/actor.ts';
import { lookAgain } from './apply.ts';
import { assemble, TooLarge } from './assemble.ts';
import type { ReadingParts } from './parts.ts';
import { readingOf } from './propose.ts';
import { reasonFrom } from './reason.ts';
import { mappedConnector } from './store/versions.ts';

export interface MapNumberInput {
  readonly connectorId: string;
  /** as somebody wrote it; national numbers are read in the connector's region */
  readonly number: string;
  readonly mailbox: string;
  /** messages since then; null: all. Left out: all, where the number has no mailboxes for limited times */
  readonly from?: Date | null;
  /** 3 to 1,000 characters */
  readonly reason: string;
}

export type MapNumberResult =
  | { readonly kind: 'applied'; readonly versionId: string; readonly number: number }
  /** it is mapped to that mailbox */
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'bad_number'; readonly problem: NumberProblem; readonly readings: readonly string[] }
  | { readonly kind: 'bad_mailbox'; readonly problem: AddressProblem | 'other_domain' }
  | { readonly kind: 'bad_reason' }
  /** the number has mailboxes for limited times: say since when */
  | { readonly kind: 'asks_from' }
  /** more than a single row would change, or there are too many: upload a file */
  | { readonly kind: 'not_within_guards' }
  | { readonly kind: 'not_found' };

/** Needs `mapping.manage`. @throws NotAllowed */
export async function mapNumber(parts: ReadingParts, actor: Actor, input: MapNumberInput): Promise<MapNumberResult> {
  authorize(actor, 'mapping.manage');
  const { pool } = parts.database;
  const { connectorId } = input;
  const reason = reasonFrom(input.reason);
  if (reason === null) return { kind: 'bad_reason' };
  const connector = await mappedConnector(pool, actor.organizationId, connectorId);
  if (connector === null) return { kind: 'not_found' };
  const { region, verifiedDomains } = await readingOf(parts, connector);
  const number = parseNumber(input.number, region);
  if (!number.ok) return { kind: 'bad_number', problem: number.problem, readings: number.readings };
  const mailbox = parseAddress(input.mailbox);
  if (!mailbox.ok) return { kind: 'bad_mailbox', problem: mailbox.problem };
  if (verifiedDomains?.has(domainOf(mailbox.address)) === false)
    return { kind: 'bad_mailbox', problem: 'other_domain' };
  // As the only line of a file would be: below the header.
  const validity = { from: input.from ?? null, to: null };
  const row: MappingRow = { row: 2, number: number.number, mailbox: mailbox.address, validity };
  try {
    const result = await inTransaction(pool, (client) => mapIn(client, actor, { ...input, reason, region }, row));
    // Another default region is in force meanwhile: the number is read in that one.
    if (result.kind === 'other_region') return mapNumber(parts, actor, input);
    if (result.kind === 'applied') await lookAgain(parts, actor.organizationId, connectorId);
    return result;
  } catch (error) {
    if (error instanceof TooLarge) return { kind: 'not_within_guards' };
    throw error;
  }
}

async function mapIn(
  client: pg.PoolClient,
  actor: Actor,
  { connectorId, from, reason, region }: MapNumberInput & { readonly region: Region },
  row: MappingRow,
): Promise<MapNumberResult | { readonly kind: 'other_region' }> {
  const { organizationId, name, userId } = actor;
  await lockVersions(client, connectorId);
  const connector = await mappedConnector(client, organizationId, connectorId);
  if (connector === null) return { kind: 'not_found' };
  if (connector.defaultRegion !== region) return { kind: 'other_region' };
  const base = await versionInForce(client, organizationId, connectorId);
  const before = base === null ? [] : await rowsFor(client, organizationId, base.id, [row.number]);
  if (before.some((one) => saysAll(one, row))) return { kind: 'unchanged' };
  if (from === undefined && before.some(({ validity }) => validity.from !== null || validity.to !== null))
    return { kind: 'asks_from' };
  if (!isWithinGuards(base, before, row)) return { kind: 'not_within_guards' };
  const versionId = randomUUID();
  const about = { fileName: null, fileSha256: null, createdBy: name, reason } as const;
  const version = { id: versionId, organizationId, connectorId, origin: 'portal', ...about } as const;
  const number = await insertVersion(client, version);
  if (number === null) return { kind: 'not_found' };
  await insertRows(client, version, [row], 'portal');
  const own = { connectorId, versionId, ownRows: 1, mode: 'add', portalRows: null, createdById: userId } as const;
  await countRows(client, version, await assemble(client, actor, own), 0);
  const comparedWith = base?.id ?? null;
  const application = { organizationId, connectorId, versionId, comparedWith, appliedBy: name, at: new Date() };
  const applied = await applyVersion(client, application);
  if (applied !== 'applied') throw new RangeError(`a version that was just made is ${applied}`);
  const detail = {
    version: number,
    number: row.number,
    before: before.map(({ mailbox }) => mailbox),
    mailbox: row.mailbox,
    from: row.validity.from?.toISOString() ?? null,
    reason,
  };
  await auditIn(client, actor, { action: 'mapping.number-mapped', connectorId, detail });
  return { kind: 'applied', versionId, number };
}

/** Whether a row that is there says everything that the new one would. */
function saysAll({ mailbox, validity }: StoredRow, row: MappingRow): boolean {
  const { from } = row.validity;
  return (
    mailbox === row.mailbox &&
    validity.to === null &&
    (validity.from === null || (from !== null && validity.from <= from))
  );
}

function isWithinGuards(base: MappingVersion | null, before: readonly StoredRow[], row: MappingRow): boolean {
  const { from } = row.validity;
  const covered = before.filter(({ validity }) => from === null || validity.to === null || from < validity.to);
  const changed = covered.filter(({ mailbox }) => mailbox !== row.mailbox).length;
  const difference = { changed, removed: 0, before: base?.rowCount ?? 0, comparable: 0, newlyDisagreeing: 0 };
  return guardsOf(difference, { demandsApproval: true }).length === 0;
}
