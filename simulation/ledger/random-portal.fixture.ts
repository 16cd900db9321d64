/** For the comparison with the model: what people ask for beside the engine. Imports cancelled and repeated, copies retried and signed off. */
import { expect } from 'vitest';
import { inTransaction } from '#lib/db.ts';
import { stopCollecting } from '#lib/imports/store/cancel.ts';
import { raiseAlert } from '#lib/imports/store/connectors.ts';
import { requestImport } from '#lib/imports/store/import-requests.ts';
import { endMissing } from '#lib/imports/store/missing.ts';
import { openAgain, wantSince } from '#lib/imports/store/reopen.ts';
import { retryAttachments, retryFailed } from '#lib/imports/store/retry.ts';
import { markSignedOff } from '#lib/imports/store/sign-off.ts';
import { lockItems, readUndone, type UndoneKey, type UndoneSelection } from '#lib/imports/store/undone.ts';
import { keptInForce } from '#lib/mapping/store/in-force.ts';
import { addressOf, FEW_USERS, type World } from './random-world.fixture.ts';

const HOUR = 3_600_000;

export async function cancel(world: World): Promise<void> {
  const { both, dice, connectors } = world;
  const { id: connectorId, organizationId } = dice.one(connectors);
  const own = both.model.tables.imports.with('connector', connectorId);
  const open = own.filter(({ phase }) => phase === 'queued' || phase === 'collecting');
  const chosen = dice.recent(open.length > 0 && dice.chance(80) ? open : own);
  if (chosen === undefined) return;
  const importId = chosen.id;
  const real = await inTransaction(both.pool, async (client) => {
    const [cancelled] = await stopCollecting(client, organizationId, connectorId, importId);
    if (cancelled === undefined) return false;
    const { windowId } = cancelled;
    await raiseAlert(client, { organizationId, connectorId, importId, windowId, code: 'import_cancelled' });
    return true;
  });
  expect(both.model.cancelImport(connectorId, importId)).toBe(real);
}

export async function repeat(world: World): Promise<void> {
  const { both, dice, connectors } = world;
  const { id: connectorId, organizationId, sourceId } = dice.one(connectors);
  const row = both.model.tables.connectors.find('id', connectorId);
  if (row?.status !== 'live' || row.pausedAt !== null || row.stoppedAt !== null) return;
  const from = new Date(both.now.getTime() - dice.roll(80) * HOUR);
  const range = { from, to: new Date(from.getTime() + (1 + dice.roll(30)) * HOUR) };
  const by = 'somebody';
  const real = await inTransaction(both.pool, async (client) => {
    const connector = { id: connectorId, organizationId, sourceId };
    const opened = await openAgain(client, connector, { kind: 'range', range }, 'repeat', by);
    if (await wantSince(client, connector, range.from)) await requestImport(client, organizationId, connectorId, by);
    return opened;
  });
  const modelled = both.model.repeatRange(connectorId, range, by) ?? [];
  await both.alignImports(real, modelled);
  world.importIds.push(...modelled);
}

/** The same undone rows are chosen on both sides. */
async function undone({ both, dice, connectors }: World, kind: UndoneSelection['kind']) {
  const { id: connectorId, organizationId } = dice.one(connectors);
  const importId = dice.chance(70)
    ? null
    : (dice.recent(both.model.tables.imports.with('connector', connectorId))?.id ?? null);
  const selection = { connectorId, kind, reason: dice.one([null, null, 'refused_message']), importId, one: null };
  const keys = await readUndone(both.pool, organizationId, selection, null, 1000);
  expect(both.model.undoneKeys(organizationId, selection)).toEqual(keys);
  // Some were sent on their way, or signed off, since somebody looked.
  return { organizationId, connectorId, keys: dice.some(keys, 70) };
}

export async function retry(world: World): Promise<void> {
  const { both, dice } = world;
  const kind = dice.one(['failed', 'failed', 'partial'] as const);
  const { organizationId, connectorId, keys } = await undone(world, kind);
  const versionId = both.model.tables.mappingVersions.find('mapping_version_one_in_force', connectorId)?.id ?? null;
  const real = await inTransaction(both.pool, async (client) => {
    const version = await keptInForce(client, organizationId, connectorId);
    expect(version?.id ?? null).toBe(versionId);
    await lockItems(client, keys);
    return kind === 'failed' ? retryFailed(client, keys, versionId) : retryAttachments(client, keys);
  });
  const modelled = kind === 'failed' ? both.model.retryFailed(keys, versionId) : both.model.retryAttachments(keys);
  const sorted = (shards: readonly number[]): number[] => shards.toSorted((a, b) => a - b);
  expect({ ...modelled, shards: sorted(modelled.shards) }).toEqual({ ...real, shards: sorted(real.shards) });
}

export async function signOff(world: World): Promise<void> {
  const { both, dice } = world;
  const kind = dice.one(['waiting', 'failed', 'partial', 'missing', 'unreadable'] as const);
  const { organizationId, connectorId, keys: found } = await undone(world, kind);
  const keys: readonly UndoneKey[] = [...dice.some(found, 20), ...found.slice(0, 1)];
  const by = { userId: 'somebody', name: 'Somebody' };
  const of = { organizationId, connectorId, kind, reason: 'kept_elsewhere', comment: 'seen', by } as const;
  const real = await inTransaction(both.pool, async (client) => {
    await lockItems(client, keys);
    if (kind !== 'missing') return (await markSignedOff(client, of, keys))?.count ?? 0;
    const ended = await endMissing(client, keys);
    const notWhole = ended.filter(({ state }) => state === 'partially_imported');
    if (notWhole.length > 0) await markSignedOff(client, of, notWhole);
    return ended.length;
  });
  expect(both.model.signOff(of, keys)).toBe(real);
}

export async function fallback(world: World): Promise<void> {
  const { both, dice, connectors } = world;
  const { id, organizationId, sourceId } = dice.one(connectors);
  if (dice.chance(40)) {
    const userId = dice.chance(25) ? null : dice.one(FEW_USERS);
    both.model.setFallback(id, userId === null ? null : { userId, address: addressOf(userId) });
    await both.pool.query('UPDATE connector SET fallback_user_id = $2, fallback_mailbox = $3 WHERE id = $1', [
      ...[id, userId, userId === null ? null : addressOf(userId)],
    ]);
  }
  const connector = await both.ask('liveConnectorOfSource', organizationId, sourceId);
  const start = { archivedAt: new Date(0), id: '0' };
  const rows = (await both.ask('waitingCopies', organizationId, sourceId, start, 500)) ?? [];
  if (connector) await both.ask('addFallbackCopies', connector, dice.some(rows, 50));
}
