/** Mapping versions that came into force since the last round. */
import { putIntoOutbox } from './outbox.ts';
import { type Round, toEach } from './round.ts';
import { claimMappings } from './store/claims.ts';

export async function tellMappings({ client, organizationId, watched }: Round): Promise<void> {
  const applied = await claimMappings(client, organizationId);
  const toTell = applied.flatMap(({ connectorId, version, rows, at }) => {
    const found = watched.get(connectorId);
    if (found === undefined) return [];
    const connector = { id: connectorId, name: found.row.name };
    return toEach(found.setting, { kind: 'mapping_changed', connector, version, rows, at: at.toISOString() });
  });
  await putIntoOutbox(client, organizationId, toTell);
}
