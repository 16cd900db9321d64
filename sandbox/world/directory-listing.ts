/** Who is in the directory: the world with the kept changes laid over it. Pure. */
import type { Kept } from './directory-table.ts';
import type { Person, Tenant } from './people.ts';
import { type PersonChange, personSchema } from './person-schema.ts';
import { person as ordinary } from './staff.ts';

export interface Listing {
  present(tenantId: string): readonly Person[];
  removed(tenantId: string): readonly Person[];
  /** who has a phone account or could have one, removed or not; of two with one number, the one who is present */
  subscribed(tenantId: string): readonly Person[];
  /** whether the id is somebody's, or was */
  knows(personId: string): boolean;
}

/** What is unknown to the world and was not added belongs to a world of another version, and is left out. */
export function listing(world: readonly Tenant[], changes: ReadonlyMap<string, Kept>): Listing {
  const everybody = new Map(world.map((tenant) => [tenant.id, peopleOf(tenant, changes)]));
  const isRemoved = (one: Person): boolean => changes.get(one.id)?.removed ?? false;
  const pick = (wanted: (one: Person) => boolean) =>
    new Map([...everybody].map(([tenantId, people]) => [tenantId, people.filter(wanted)]));

  const [present, removed] = [pick((one) => !isRemoved(one)), pick(isRemoved)];
  const phones = new Set([...present.values()].flat().map((one) => one.mobile));
  const subscribed = pick((one) => !isRemoved(one) || !phones.has(one.mobile));
  const ids = new Set([...everybody.values()].flat().map((one) => one.id));
  return {
    present: (tenantId) => present.get(tenantId) ?? [],
    removed: (tenantId) => removed.get(tenantId) ?? [],
    subscribed: (tenantId) => subscribed.get(tenantId) ?? [],
    knows: (personId) => ids.has(personId),
  };
}

/** `person` with what the change says; undefined leaves a property as it is. */
export function overlaid(person: Person, change: PersonChange): Person {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  return personSchema.parse({ ...person, ...Object.fromEntries(given) });
}

/** A list is made after each change, and nearly everybody in it is as they were: made once for what is kept of them. */
const made = new WeakMap<Kept, Person>();

function once(kept: Kept, make: () => Person): Person {
  const person = made.get(kept) ?? make();
  made.set(kept, person);
  return person;
}

function peopleOf(tenant: Tenant, changes: ReadonlyMap<string, Kept>): readonly Person[] {
  const written = tenant.people.map((one) => {
    const kept = changes.get(one.id);
    return kept === undefined ? one : once(kept, () => overlaid(one, kept.change));
  });
  const added = [...changes].flatMap(([id, kept]) => {
    const { added, tenant: home, change } = kept;
    if (!added || home !== tenant.id) return [];
    const names = { givenName: change.givenName ?? '', surname: change.surname ?? '' };
    return [once(kept, () => overlaid({ ...ordinary(tenant.domains[0] ?? '', names), id }, change))];
  });
  return [...written, ...added];
}
