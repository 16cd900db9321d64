/** Puts the watch over the ledger's epoch together from the environment. */
import { stagingSettings } from '../connectors/composition.ts';
import { env } from '../env.ts';
import { log } from '../log.ts';
import type { Change } from '../queue/events.ts';
import { BlobContainer } from '../staging/azure.ts';
import { containerClient } from '../staging/connect.ts';
import { LedgerWatch } from './watch.ts';

/** On the environment's database and storage. @param notify told of connectors that are held */
export function ledgerWatch(notify: (change: Change) => void): LedgerWatch {
  const settings = env();
  return new LedgerWatch(
    {
      connectionString: settings.DATABASE_URL,
      container: new BlobContainer(containerClient(stagingSettings())),
      failoverLosesNothing: settings.DATABASE_FAILOVER === 'loses-nothing',
      log: log(),
    },
    notify,
  );
}
