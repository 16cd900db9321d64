/** What the site knows of the registered users and their phones. */
import type { ArchivedItem, Phones } from '../phones/item.ts';
import { inTurns } from '../phones/turns.ts';
import type { Person, Tenant } from '../world/people.ts';
import { sharedWork } from './shared-work.ts';
import type { TelemessageSite } from './site.ts';

export interface RegisteredUser {
  readonly mobile: string;
  readonly email: string | null;
  readonly name: string;
  readonly status: Person['telemessageStatus'];
  readonly lastArchivedTime: string | null;
}

export interface DeviceDesk {
  /** Everybody who has a phone account, by number. `lastArchivedTime` by the latest arrivals. */
  registeredUsers(tenant: Tenant, kindId: string): Promise<readonly RegisteredUser[]>;
  /** The latest arrival of each phone, by number: as it was at the beginning of this second. */
  lastArrivals(tenantId: string, kindId: string): Promise<ReadonlyMap<string, string>>;
  /** The latest items that the phone with this number delivered, latest first. */
  latestOf(tenantId: string, kindId: string, mobile: string, count: number): Promise<readonly ArchivedItem[]>;
}

/** Arrivals that are looked at, latest first, before a phone counts as silent. */
const LOOKED_AT = 4_000;
/** feeds whose last arrivals are remembered */
const REMEMBERED = 20;
const SECOND_MS = 1_000;

export function deviceDesk(site: TelemessageSite): DeviceDesk {
  const arrivals = sharedWork<ReadonlyMap<string, string>>(REMEMBERED);

  const lastArrivals: DeviceDesk['lastArrivals'] = (tenantId, kindId) => {
    const phones = site.phones(tenantId, kindId);
    if (phones === undefined) return Promise.resolve(new Map());
    const to = Math.floor(site.settledThrough() / SECOND_MS) * SECOND_MS;
    return arrivals.result(`${tenantId}/${kindId}/${to}`, undefined, () => arrivalsBefore(site, phones, to));
  };

  return {
    lastArrivals,
    registeredUsers: async (tenant, kindId) => {
      const last = await lastArrivals(tenant.id, kindId);
      return tenant.people
        .flatMap((person) => (person.mobile === null ? [] : [registered(person, person.mobile, last)]))
        .sort((a, b) => (a.mobile < b.mobile ? -1 : 1));
    },
    latestOf: async (tenantId, kindId, mobile, count) => {
      const phones = site.phones(tenantId, kindId);
      const latest: ArchivedItem[] = [];
      if (phones === undefined) return latest;
      for await (const items of lookBack(site, phones, site.settledThrough())) {
        latest.push(...items.filter((item) => item.owner.mobile === mobile).reverse());
        if (latest.length >= count) break;
      }
      return latest.slice(0, count);
    },
  };
}

function registered(person: Person, mobile: string, last: ReadonlyMap<string, string>): RegisteredUser {
  const { telemessageEmail, displayName, telemessageStatus } = person;
  return {
    mobile,
    email: telemessageEmail,
    name: displayName,
    status: telemessageStatus,
    lastArchivedTime: last.get(mobile) ?? null,
  };
}

async function arrivalsBefore(site: TelemessageSite, phones: Phones, to: number): Promise<ReadonlyMap<string, string>> {
  const last = new Map<string, string>();
  for await (const items of lookBack(site, phones, to)) {
    const found = new Map(items.map((item) => [item.owner.mobile, item.archivedTime]));
    for (const [mobile, time] of found) if (!last.has(mobile)) last.set(mobile, time);
  }
  return last;
}

/**
 * What arrived before `to` (ms), in windows of which each is twice as long as the one after it, latest first; in a
 * window by arrival. Ends when all of them together held enough.
 */
async function* lookBack(site: TelemessageSite, phones: Phones, to: number): AsyncGenerator<readonly ArchivedItem[]> {
  await site.readyToWalk();
  let end = to;
  let seen = 0;
  for (let length = 60_000; seen < LOOKED_AT && end > site.earliestRetained(); length *= 2) {
    const items: ArchivedItem[] = [];
    await inTurns(site.archived(phones, { from: end - length, to: end }), ({ item }) => items.push(item) > 0);
    yield items;
    seen += items.length;
    end -= length;
  }
}
