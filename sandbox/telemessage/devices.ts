/** What the site knows of the registered users and their phones. */
import type { ArchivedItem } from '../phones/item.ts';
import type { Person, Tenant } from '../world/people.ts';
import type { TelemessageSite } from './site.ts';

export interface RegisteredUser {
  readonly mobile: string;
  readonly email: string | null;
  readonly name: string;
  readonly status: Person['telemessageStatus'];
  readonly lastArchivedTime: string | null;
}

/** Everybody who has a phone account, by number. `lastArchivedTime` by the latest arrivals. */
export function registeredUsers(site: TelemessageSite, tenant: Tenant, kindId: string): readonly RegisteredUser[] {
  const last = lastArrivals(site, tenant.id, kindId);
  return tenant.people
    .flatMap((person) =>
      person.mobile === null
        ? []
        : [
            {
              mobile: person.mobile,
              email: person.telemessageEmail,
              name: person.displayName,
              status: person.telemessageStatus,
              lastArchivedTime: last.get(person.mobile) ?? null,
            },
          ],
    )
    .sort((a, b) => (a.mobile < b.mobile ? -1 : 1));
}

/** Arrivals that are looked at, latest first, before a phone counts as silent. */
const LOOKED_AT = 4_000;

/** The latest arrival of each phone, by number. Looks back until every window together held enough entries. */
export function lastArrivals(site: TelemessageSite, tenantId: string, kindId: string): ReadonlyMap<string, string> {
  const last = new Map<string, string>();
  const phones = site.phones(tenantId, kindId);
  if (phones === undefined) return last;
  let to = site.settledThrough();
  let seen = 0;
  for (let length = 60_000; seen < LOOKED_AT && to > site.earliestRetained(); length *= 2) {
    const found = new Map<string, string>();
    for (const { item } of site.archived(phones, { from: to - length, to })) {
      found.set(item.owner.mobile, item.archivedTime);
      seen += 1;
    }
    for (const [mobile, time] of found) if (!last.has(mobile)) last.set(mobile, time);
    to -= length;
  }
  return last;
}

/** The latest items that the phone with this number delivered, latest first. Looks back as `lastArrivals` does. */
export function latestOf(
  site: TelemessageSite,
  tenantId: string,
  kindId: string,
  mobile: string,
  count: number,
): readonly ArchivedItem[] {
  const phones = site.phones(tenantId, kindId);
  const latest: ArchivedItem[] = [];
  if (phones === undefined) return latest;
  let to = site.settledThrough();
  let seen = 0;
  for (let length = 60_000; seen < LOOKED_AT && latest.length < count && to > site.earliestRetained(); length *= 2) {
    const own: ArchivedItem[] = [];
    for (const { item } of site.archived(phones, { from: to - length, to })) {
      if (item.owner.mobile === mobile) own.push(item);
      seen += 1;
    }
    latest.push(...own.reverse());
    to -= length;
  }
  return latest.slice(0, count);
}
