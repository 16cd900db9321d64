/**
 * Entra ID's answer to "whose domain is this", remembered for some minutes: a page that is open to everybody must not
 * send a request to Microsoft for every click.
 */
import { AppTokenError } from '../microsoft/app-token.ts';
import type { TenantEndpoints } from '../microsoft/discovery.ts';

export type Discover = (domain: string) => Promise<TenantEndpoints>;

export interface RememberSettings {
  readonly lifetimeMs: number;
  /** domains that are remembered; beyond it the oldest is forgotten */
  readonly most: number;
  /** milliseconds, of any clock that does not go back */
  readonly now: () => number;
}

/** As `discover`, asking once for those who ask at the same time. An outage is not remembered. */
export function remembered(discover: Discover, { lifetimeMs, most, now }: RememberSettings): Discover {
  const answers = new Map<string, { readonly until: number; readonly answer: Promise<TenantEndpoints> }>();
  return (domain) => {
    const known = answers.get(domain);
    if (known !== undefined && now() < known.until) return known.answer;
    const entry = { until: now() + lifetimeMs, answer: discover(domain) };
    answers.delete(domain);
    answers.set(domain, entry);
    const [oldest] = answers.keys();
    if (answers.size > most && oldest !== undefined) answers.delete(oldest);
    entry.answer.catch((error: unknown) => {
      const lasting = error instanceof AppTokenError && error.failure === 'tenant_unknown';
      if (!lasting && answers.get(domain) === entry) answers.delete(domain);
    });
    return entry.answer;
  };
}
