import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { hour, itemsUrl, page, type Site, startSite } from './site-under-contract.ts';

const listed = z.object({
  users: z.array(z.looseObject({ mobile: z.string() })),
  nextCursor: z.string().nullable(),
});

/** Changes of every sort, to people whose phones speak. */
function changeDirectory({ directory }: Site): void {
  const idOf = (name: string): string => directory.find(`${name}@alderbyrne.example`)?.person.id ?? '';
  directory.change(idOf('grace.adeyemi'), { displayName: 'Grace Okonkwo', mobile: '+12125550190' });
  directory.change(idOf('mateo.ruiz'), { telemessageEmail: null, givenName: 'Matthew' });
  directory.change(idOf('frontdesk'), { mailbox: 'user' });
  directory.change(idOf('victor.lindqvist'), { telemessageStatus: 'suspended' });
  directory.change(idOf('ravi.menon'), { telemessageStatus: 'activated' });
  directory.remove(idOf('lena.fischer'));
  const [alder] = directory.tenants;
  directory.add(alder?.id ?? '', { givenName: 'Nadia', surname: 'Haddad', mobile: '+12125550198' });
}

/** Hashes of the bytes of a day's feed, of its manifest, and of some attachments. */
async function archiveOf(site: Site): Promise<string[]> {
  const token = await site.signIn();
  const hashes: string[] = [];
  const fetched = async (url: string): Promise<unknown> => {
    const { raw, body } = await site.call({ url }, token);
    hashes.push(createHash('sha256').update(raw).digest('hex'));
    return body;
  };
  for (const kind of ['android-archiver', 'o2-network']) {
    const { items } = page.parse(await fetched(itemsUrl({ limit: '1000' }, kind)));
    expect(items.length).toBeGreaterThan(100);
    for (const { id } of items.flatMap((one) => one.attachments).slice(0, 3)) await fetched(`/v1/attachments/${id}`);
    await fetched(`/v1/archives/${kind}/manifest?${new URLSearchParams({ from: hour(-24), to: hour(-1) })}`);
  }
  return hashes;
}

async function usersOf(site: Site) {
  const token = await site.signIn();
  const users: z.infer<typeof listed>['users'] = [];
  for (let cursor: string | null = '0'; cursor !== null; ) {
    const url = `/v1/archives/android-archiver/users?cursor=${cursor}`;
    const read: z.infer<typeof listed> = listed.parse((await site.call({ url }, token)).body);
    users.push(...read.users);
    cursor = read.nextCursor;
  }
  return users;
}

describe('when the directory changes', () => {
  it('what was archived stays as it is, byte by byte, after a restart too', async () => {
    const site = await startSite();
    const before = await archiveOf(site);
    changeDirectory(site);
    expect(await archiveOf(site)).toEqual(before);
    expect(await archiveOf(await startSite({}, site.database))).toEqual(before);
  });

  it('the registered users are those of now, with who is deleted at Microsoft only', async () => {
    const site = await startSite();
    const before = await usersOf(site);
    changeDirectory(site);
    const after = await usersOf(site);
    const named = (mobile: string) => after.find((one) => one.mobile === mobile);
    expect(named('+12125550101')).toBeUndefined();
    expect(named('+12125550190')).toMatchObject({ name: 'Grace Okonkwo', lastArchivedTime: null });
    expect(named('+12125550113')).toMatchObject({ name: 'Mateo Ruiz', email: null });
    expect(named('+12125550117')).toMatchObject({ status: 'suspended' });
    expect(named('+12125550198')).toMatchObject({ name: 'Nadia Haddad', email: 'nadia.haddad@alderbyrne.example' });
    expect(named('+4917604069002')).toEqual(before.find((one) => one.mobile === '+4917604069002'));
    expect(after).toHaveLength(before.length + 1);
  });
});
