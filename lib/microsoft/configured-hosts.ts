/** The hosts that this installation's environment names. */
import { env } from '../env.ts';
import { type MicrosoftHosts, microsoftHosts } from './clouds.ts';

/** @throws EnvError; RangeError for an address that is no https URL */
export function configuredHosts(): MicrosoftHosts {
  const { MICROSOFT_CLOUD, GRAPH_URL, ENTRA_AUTHORITY } = env();
  return microsoftHosts(MICROSOFT_CLOUD, { graphUrl: GRAPH_URL, authority: ENTRA_AUTHORITY });
}
