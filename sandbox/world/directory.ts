/**
 * The directory in force: the world as it is written, and what was changed about it while the sandbox ran, kept in
 * the sandbox's database. Each sandbox has one; the constants of the world are never touched.
 */
import type { DatabaseSync } from 'node:sqlite';
import { changedAddresses } from './addresses.ts';
import { listing, overlaid } from './directory-listing.ts';
import { checkPerson, DirectoryRefusal } from './directory-rules.ts';
import { directoryTable, type Kept } from './directory-table.ts';
import { newPerson } from './new-person.ts';
import type { Person, Tenant } from './people.ts';
import type { NewPerson, PersonChange } from './person-schema.ts';
import { findByAddress, findPerson } from './tenants.ts';

/** Somebody, and the organization that they are in. */
export interface Found {
  readonly tenant: Tenant;
  readonly person: Person;
}

export interface Directory {
  /** the organizations; their `people` are always those in force */
  readonly tenants: readonly Tenant[];
  /** as TeleMessage has them: who is removed from Entra ID keeps the phone account */
  readonly subscribers: readonly Tenant[];
  /** somebody by object id, user principal name or else address */
  find(name: string): Found | undefined;
  /** who was removed and can be restored */
  removed(tenantId: string): readonly Person[];
  /** @throws {DirectoryRefusal} */
  add(tenantId: string, somebody: NewPerson): Person;
  /** @throws {DirectoryRefusal} */
  change(personId: string, change: PersonChange): Person;
  /**
   * Takes somebody out of the directory. What is in their mailbox stays, and is there again when they are restored.
   * @throws {DirectoryRefusal}
   */
  remove(personId: string): void;
  /** @throws {DirectoryRefusal} also when somebody else has the name or an address by now */
  restore(personId: string): Person;
  /** everybody as the world is written */
  reset(): void;
}

/** Opens the directory of `world` with the changes that `database` keeps. */
export function openDirectory(database: DatabaseSync, world: readonly Tenant[]): Directory {
  const table = directoryTable(database);
  const read = () => listing(world, table.all());
  // asked with every request, so held in memory
  let listed = read();
  const tenants = world.map((tenant) => living(tenant, () => listed.present(tenant.id)));
  const subscribers = world.map((tenant) => living(tenant, () => listed.subscribed(tenant.id)));

  const keep = (personId: string, tenant: Tenant, change: Partial<Kept>): void => {
    const before = table.all().get(personId) ?? { tenant: tenant.id, added: false, removed: false, change: {} };
    table.write(personId, { ...before, ...change, change: { ...before.change, ...change.change } });
    listed = read();
  };
  const present = (personId: string): Found => {
    const found = findIn(tenants, (tenant) => tenant.people.find((one) => one.id === personId));
    if (!found) throw new DirectoryRefusal('id', `Nobody in the directory has the id ${personId}.`);
    return found;
  };

  return {
    tenants,
    subscribers,
    find: (name) =>
      findIn(tenants, (tenant) => findPerson(tenant, name)) ?? findIn(tenants, (tenant) => findByAddress(tenant, name)),
    removed: (tenantId) => listed.removed(tenantId),
    add: (tenantId, somebody) => {
      const tenant = tenants.find((one) => one.id === tenantId);
      if (!tenant) throw new DirectoryRefusal('id', `There is no organization ${tenantId}.`);
      const { id, ...change } = newPerson(tenant, somebody);
      if (listed.knows(id)) throw new DirectoryRefusal('id', `Somebody else has, or had, the id ${id}.`);
      checkPerson({ id, ...change }, tenant, tenants);
      keep(id, tenant, { added: true, change });
      return present(id).person;
    },
    change: (personId, change) => {
      const { tenant, person } = present(personId);
      const settled = { ...change, ...changedAddresses(person, change) };
      checkPerson(overlaid(person, settled), tenant, tenants);
      keep(personId, tenant, { change: settled });
      return present(personId).person;
    },
    remove: (personId) => {
      const { tenant, person } = present(personId);
      keep(person.id, tenant, { removed: true });
    },
    restore: (personId) => {
      const gone = findIn(tenants, (tenant) => listed.removed(tenant.id).find((one) => one.id === personId));
      if (!gone) throw new DirectoryRefusal('id', `Nobody who was removed has the id ${personId}.`);
      checkPerson(gone.person, gone.tenant, tenants);
      keep(personId, gone.tenant, { removed: false });
      return present(personId).person;
    },
    reset: () => {
      table.clear();
      listed = read();
    },
  };
}

/** An organization whose people are asked for each time. */
function living(tenant: Tenant, people: () => readonly Person[]): Tenant {
  return {
    id: tenant.id,
    displayName: tenant.displayName,
    domains: tenant.domains,
    get people() {
      return people();
    },
  };
}

function findIn(tenants: readonly Tenant[], find: (tenant: Tenant) => Person | undefined): Found | undefined {
  for (const tenant of tenants) {
    const person = find(tenant);
    if (person) return { tenant, person };
  }
  return undefined;
}
