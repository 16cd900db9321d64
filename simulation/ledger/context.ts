/** Who is owed a copy: the mapping in force and the registered users: `store/context.ts`, `source-users.ts`. */
import { storableText } from '#lib/archive/item.ts';
import type { SourceUser } from '#lib/archive/source.ts';
import { MAX_MOBILE_LENGTH, SET, timeOf, type UsersOwner } from '#lib/imports/source-users.ts';
import type { RunningConnector } from '#lib/imports/store/connectors.ts';
import type { DecidingContext } from '#lib/imports/store/context.ts';
import { mappingLookup, noMapping } from '#lib/mapping/lookup.ts';
import { type E164, parsePartyNumber, type Region } from '#lib/mapping/number.ts';
import { FALLBACK_REGION, ruleOf } from '#lib/mapping/version-rule.ts';
import { key, type Tables } from './tables.ts';

export function owedContext(
  tables: Tables,
  { organizationId, id, sourceId }: Pick<RunningConnector, 'id' | 'organizationId' | 'sourceId'>,
  numbersIn: (region: Region) => readonly E164[],
): DecidingContext {
  const row = tables.connectors.find('id', id);
  const { automaticMapping, defaultRegion } =
    row?.organizationId === organizationId
      ? ruleOf(row)
      : ({ automaticMapping: false, defaultRegion: FALLBACK_REGION } as const);
  const numbers = numbersIn(defaultRegion);
  const inForce = tables.mappingVersions.find('mapping_version_one_in_force', id);
  const version = inForce?.organizationId === organizationId ? inForce : undefined;
  const asked = new Set<string>(numbers);
  const registered = new Set<string>(
    numbers.filter((number) =>
      tables.sourceUsers
        .with('number', key(sourceId, number))
        .some((user) => user.organizationId === organizationId && user.status !== 'deleted'),
    ),
  );
  const domains = tables.organizations.find('id', organizationId)?.verifiedDomains ?? [];
  return {
    versionId: version?.id ?? null,
    mapping: version
      ? mappingLookup(
          version.id,
          version.rows.filter(({ number }) => asked.has(number)),
        )
      : noMapping,
    isRegistered: (number) => registered.has(number),
    automaticMapping,
    verifiedDomains: new Set(domains.map((domain) => domain.toLowerCase())),
    defaultRegion,
  };
}

/** Several statements, as there: what was read before a failure stays. */
export async function syncSourceUsers(
  tables: Tables,
  owner: UsersOwner,
  users: AsyncIterable<SourceUser>,
): Promise<number> {
  const at = tables.atomically(() => tables.now());
  let set = new Map<string, SourceUser>();
  const registered = new Map<string, boolean>();
  for await (const user of users) {
    if (user.mobile === '' || user.mobile.length > MAX_MOBILE_LENGTH) continue;
    const mobile = storableText(user.mobile);
    set.set(mobile, { ...user, mobile });
    registered.set(mobile, user.status !== 'deleted');
    if (set.size < SET) continue;
    upsert(tables, owner, set.values(), at);
    set = new Map();
  }
  upsert(tables, owner, set.values(), at);
  tables.atomically(() => {
    const source = tables.sources.find('id', owner.sourceId);
    if (source?.organizationId !== owner.organizationId) return;
    const readAt = source.usersReadAt !== null && source.usersReadAt > at ? source.usersReadAt : at;
    tables.sources.update(source, { usersReadAt: readAt });
    for (const row of tables.sourceUsers.with('source', owner.sourceId)) {
      if (row.organizationId === owner.organizationId && row.seenAt < readAt && row.status !== 'deleted')
        tables.sourceUsers.update(row, { status: 'deleted' });
    }
  });
  readNumbersAgain(tables, owner);
  return [...registered.values()].filter(Boolean).length;
}

/** Another default region may be in force than the one in which they were read. */
function readNumbersAgain(tables: Tables, { organizationId, sourceId, region }: UsersOwner): void {
  const live = tables.connectors
    .with('source', sourceId)
    .find((row) => row.organizationId === organizationId && row.status === 'live');
  if (live === undefined) return;
  const { defaultRegion } = ruleOf(live);
  if (defaultRegion === region) return;
  tables.atomically(() => {
    for (const row of tables.sourceUsers.with('source', sourceId))
      if (!row.mobile.startsWith('+'))
        tables.sourceUsers.update(row, { number: parsePartyNumber(row.mobile, defaultRegion) });
  });
}

function upsert(tables: Tables, owner: UsersOwner, users: Iterable<SourceUser>, at: Date): void {
  const textOf = (text: string | null): string | null => (text === null ? null : storableText(text));
  tables.atomically(() => {
    for (const { mobile, email, name, status, lastArchivedTime } of users) {
      const said = {
        number: parsePartyNumber(mobile, owner.region),
        email: textOf(email),
        name: textOf(name),
        status,
        lastArchivedAt: timeOf(lastArchivedTime),
        seenAt: at,
      };
      const row = tables.sourceUsers.find('mobile', key(owner.sourceId, mobile));
      if (row) {
        if (row.seenAt <= at) tables.sourceUsers.update(row, said);
      } else
        tables.sourceUsers.insert({
          sourceId: owner.sourceId,
          organizationId: owner.organizationId,
          mobile,
          ...said,
        });
    }
  });
}
