/** Whether anything in a world still has to happen; a line for each thing that does. */
import type { World } from './world.ts';

export function underWay(world: World): string[] {
  const { tables } = world.ledger;
  const lines: string[] = [];
  for (const { id, state, participant, notBefore, sendingUntil, reason, shard } of tables.deliveries) {
    if (state !== 'pending' && state !== 'sending' && state !== 'created') continue;
    lines.push(
      `copy ${id} for ${participant} is ${state} (${reason ?? 'no reason'}, shard ${shard}, not before ${notBefore.toISOString()}, sending until ${sendingUntil?.toISOString() ?? 'never'})`,
    );
  }
  for (const { id, phase, problem, stagingClearedAt, connectorId } of tables.imports) {
    // What a deleted connector had not collected is collected by the one that was added again.
    if ((phase === 'queued' || phase === 'collecting') && connectorId !== world.connectorId) continue;
    if (phase !== 'completed' && phase !== 'cancelled')
      lines.push(`import ${id} is ${phase} (${problem ?? 'no problem'})`);
    else if (phase === 'completed' && stagingClearedAt === null) lines.push(`import ${id} is not cleared`);
  }
  for (const { id, doubt, state, userId, reason, signOffId } of tables.deliveries) {
    // Nobody looks after what was signed off. What is missing in its mailbox waits for a person, and for nothing else.
    if (signOffId !== null || reason === 'missing_in_mailbox') continue;
    // A mailbox that is gone may come back, and is looked at then.
    const user = world.cloud.users.get(userId ?? '');
    if (!user?.hasMailbox || !user.inDirectory) continue;
    if (doubt === 1 && state !== 'waiting') lines.push(`copy ${id} is still in doubt`);
  }
  const collected = [...tables.items].length;
  const missing = world.archive.entries.length - collected;
  if (missing > 0) lines.push(`${missing} items were not collected`);
  for (const { id, state, recheckDueAt } of tables.windows) {
    if (state === 'open' && tables.imports.with('window', id).length > 0 && isOfLive(world, id)) {
      lines.push(`window ${id} is open, to be read again ${recheckDueAt?.toISOString() ?? 'never'}`);
    }
  }
  if (!world.queue.idle) lines.push(...world.queue.describes);
  return lines;
}

/** Windows of a connector that was deleted are nobody's. */
function isOfLive(world: World, windowId: string): boolean {
  return [...world.ledger.tables.windows].some(
    ({ id, connectorId }) => id === windowId && connectorId === world.connectorId,
  );
}
