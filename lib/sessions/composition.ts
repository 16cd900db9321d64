/** Puts the parts of sessions together from the environment. */
import { microsoft } from '../connectors/composition.ts';
import { database } from '../db.ts';
import { EnvError, env } from '../env.ts';
import { log } from '../log.ts';
import { configuredHosts } from '../microsoft/configured-hosts.ts';
import { exchangeAdmins } from '../microsoft/exchange-admin.ts';
import { renewer } from './renew.ts';
import type { SessionDeps } from './sessions.ts';

let deps: SessionDeps | undefined;

export function sessions(): SessionDeps {
  const clientSecret = env().ENTRA_CLIENT_SECRET;
  if (clientSecret === undefined) {
    throw new EnvError('Set ENTRA_CLIENT_SECRET: people sign in with it, also where ENTRA_CLIENT_CERTIFICATE is set.');
  }
  deps ??= {
    pool: database().pool,
    keyRing: env().ENCRYPTION_KEYS,
    organizations: env().ORGANIZATIONS,
    renew: renewer({ authority: configuredHosts().authority, clientId: env().ENTRA_CLIENT_ID, clientSecret }),
    exchangeAdmin: env().EXCHANGE_ADMINS === 'yes' ? exchangeAdmins(microsoft()) : null,
    clock: () => new Date(),
    log: log(),
  };
  return deps;
}
