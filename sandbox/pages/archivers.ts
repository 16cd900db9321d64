/** The archivers whose phones are looked at: one of those that the tenant's accounts ordered. */
import { archiverKinds } from '../phones/kinds.ts';
import type { TelemessageSite } from '../telemessage/site.ts';
import type { Tenant } from '../world/people.ts';
import { html, type Markup } from './html.ts';

/** shown where none is chosen, if it was ordered, and where a tenant has no account */
const USUAL = 'android-archiver';

/** Ids of the archivers that any account of the tenant ordered. */
export function orderedKinds(site: TelemessageSite, tenant: Tenant): readonly string[] {
  const ordered = new Set(
    site.accounts.all().flatMap((account) => (account.tenantId === tenant.id ? account.kinds : [])),
  );
  return archiverKinds.flatMap(({ id }) => (ordered.has(id) ? [id] : []));
}

/** The archiver to show where none was asked for. */
export function usualKind(site: TelemessageSite, tenant: Tenant): string {
  const ordered = orderedKinds(site, tenant);
  return ordered.includes(USUAL) ? USUAL : (ordered[0] ?? USUAL);
}

/** The archiver to show of a tenant's; undefined where it did not order the one that was asked for. */
export function chosenKind(site: TelemessageSite, tenant: Tenant, asked: string | undefined): string | undefined {
  if (asked === undefined) return usualKind(site, tenant);
  return orderedKinds(site, tenant).includes(asked) ? asked : undefined;
}

export function kindName(id: string): string {
  return archiverKinds.find((kind) => kind.id === id)?.name ?? id;
}

/** Links to each archiver of a tenant. Nothing where there is no choice. */
export function archiverLinks(
  kinds: readonly string[],
  shown: string,
  label: string,
  pathOf: (kind: string) => string,
): Markup | false {
  if (kinds.length < 2) return false;
  return html`<nav aria-label="${label}"><ul class="choices">${kinds.map(
    (kind) =>
      html`<li><a class="button" href="${pathOf(kind)}"${kind === shown && html` aria-current="true"`}>${kindName(kind)}</a></li>`,
  )}</ul></nav>`;
}
