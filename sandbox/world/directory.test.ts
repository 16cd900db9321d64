import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { alderByrne } from './alder-byrne.ts';
import { openDirectory } from './directory.ts';
import { DirectoryRefusal } from './directory-rules.ts';
import { type PersonChange, personSchema } from './person-schema.ts';
import { findByAddress, findPerson, foxglove, kestrelBank, tenants } from './tenants.ts';

const BEN = 'ben.carter@alderbyrne.example';

function open(database = new DatabaseSync(':memory:')) {
  const directory = openDirectory(database, tenants);
  const [alder] = directory.tenants;
  if (alder === undefined) throw new Error('there is no organization');
  const idOf = (name: string): string => directory.find(name)?.person.id ?? '';
  return { directory, database, alder, idOf };
}

describe('the directory', () => {
  it('is the world as it is written, until something changes, and again after a reset', () => {
    const { directory, alder, idOf } = open();
    expect(directory.tenants).toEqual(tenants);
    directory.change(idOf(BEN), { accountEnabled: false });
    directory.remove(idOf('lena.fischer@alderbyrne.example'));
    directory.add(alder.id, { givenName: 'Nadia', surname: 'Haddad' });
    expect(directory.tenants).not.toEqual(tenants);
    directory.reset();
    expect(directory.tenants).toEqual(tenants);
  });

  it('holds nobody whom it would not take', () => {
    for (const { people } of tenants) for (const one of people) expect(personSchema.parse(one)).toEqual(one);
    const { directory } = open();
    for (const { people } of directory.tenants) {
      for (const one of people) expect(directory.change(one.id, { displayName: one.displayName })).toEqual(one);
    }
  });

  it('changes for those who hold its organizations already, and for no other sandbox', () => {
    const { alder, directory, idOf } = open();
    const other = open();
    directory.change(idOf(BEN), { mailbox: 'none', messageBytes: 1_000, appRoles: ['DataConnectors.Reader'] });
    const changed = { mailbox: 'none', messageBytes: 1_000, appRoles: ['DataConnectors.Reader'] };
    expect(findPerson(alder, BEN)).toMatchObject(changed);
    expect(findPerson(other.alder, BEN)).toEqual(findPerson(alderByrne, BEN));
    expect(findPerson(alderByrne, BEN)?.mailbox).toBe('user');
  });

  it('is kept with its database', () => {
    const { directory, database, alder, idOf } = open();
    directory.change(idOf(BEN), { mail: 'ben.c@alderbyrne.example' });
    directory.change(idOf(BEN), { accountEnabled: false });
    directory.remove(idOf('sam.okafor@alderbyrne.example'));
    const nadia = directory.add(alder.id, { givenName: 'Nadia', surname: 'Haddad', mobile: '+12125550198' });
    const again = open(database);
    expect(again.directory.tenants).toEqual(directory.tenants);
    expect(findPerson(again.alder, nadia.id)).toEqual(nadia);
    expect(again.directory.removed(alder.id).map((one) => one.givenName)).toEqual(['Sam']);
  });

  it('refuses to start on changes that it cannot read', () => {
    const { database, directory, idOf } = open();
    directory.change(idOf(BEN), { mailbox: 'none' });
    database.exec(`UPDATE directory_person SET state = replace(state, '"none"', '"lost"')`);
    expect(() => open(database)).toThrow(/cannot read\. Empty SANDBOX_DATA/);
  });

  it('finds somebody by id and by sign-in name before it looks for an address', () => {
    const { directory } = open();
    expect(directory.find('J.HART@alderbyrne.example')?.person.displayName).toBe('Julia Hart');
    expect(directory.find('m.ruiz@alderbyrne-group.example')?.person.displayName).toBe('Mateo Ruiz');
    expect(directory.find('amara.mensah@kestrelbank.example')?.tenant.id).toBe(kestrelBank.id);
    expect(directory.find('nobody@alderbyrne.example')).toBeUndefined();
  });
});

describe('addresses', () => {
  it('a new mail becomes the primary address, the one before an alias', () => {
    const { directory, idOf } = open();
    expect(directory.change(idOf(BEN), { mail: 'benjamin@alderbyrne.example' })).toMatchObject({
      userPrincipalName: BEN,
      mail: 'benjamin@alderbyrne.example',
      proxyAddresses: ['SMTP:benjamin@alderbyrne.example', `smtp:${BEN}`],
    });
    expect(directory.change(idOf(BEN), { mail: BEN }).proxyAddresses).toEqual([
      `SMTP:${BEN}`,
      'smtp:benjamin@alderbyrne.example',
    ]);
  });

  it('new proxy addresses bring their primary one as mail', () => {
    const { directory, idOf } = open();
    const proxyAddresses = ['smtp:bc@alderbyrne-group.example', 'SMTP:b.carter@alderbyrne.example'];
    expect(directory.change(idOf(BEN), { proxyAddresses })).toMatchObject({
      mail: 'b.carter@alderbyrne.example',
      proxyAddresses,
    });
  });

  it('move to another person when the first lets go of them', () => {
    const { directory, alder, idOf } = open();
    const jonas = idOf('jonas.hart@alderbyrne.example');
    const alias = { proxyAddresses: ['SMTP:sam.okafor@alderbyrne.example', 'smtp:j.hart@alderbyrne.example'] };
    expect(() => directory.change(idOf('sam.okafor@alderbyrne.example'), alias)).toThrow(
      'The address j.hart@alderbyrne.example belongs to Jonas Hart already.',
    );
    directory.change(jonas, { proxyAddresses: ['SMTP:jonas.hart@alderbyrne.example'] });
    directory.change(idOf('sam.okafor@alderbyrne.example'), alias);
    expect(findByAddress(alder, 'j.hart@alderbyrne.example')?.displayName).toBe('Sam Okafor');
    expect(findPerson(alder, 'j.hart@alderbyrne.example')?.displayName).toBe('Julia Hart');
  });
});

describe('what Entra ID and Exchange refuse', () => {
  const refusals: [what: string, change: PersonChange, property: string, sentence: RegExp][] = [
    [
      'another’s sign-in name',
      { userPrincipalName: 'Sam.Okafor@alderbyrne.example' },
      'userPrincipalName',
      /Sam Okafor signs in as/,
    ],
    [
      'a sign-in name elsewhere',
      { userPrincipalName: 'ben@homemail.example' },
      'userPrincipalName',
      /verified alderbyrne.example and alderbyrne-group.example/,
    ],
    ['another’s address', { mail: 'M.Ruiz@alderbyrne-group.example' }, 'proxyAddresses', /belongs to Mateo Ruiz/],
    ['an address elsewhere', { mail: 'ben@homemail.example' }, 'proxyAddresses', /in no verified domain/],
    [
      'two primary addresses',
      { proxyAddresses: [`SMTP:${BEN}`, 'SMTP:b@alderbyrne.example'] },
      'proxyAddresses',
      /Only one/,
    ],
    ['an address twice', { proxyAddresses: [`SMTP:${BEN}`, `smtp:${BEN}`] }, 'proxyAddresses', /twice/],
    [
      'a mail that is not the primary one',
      { mail: 'b@alderbyrne.example', proxyAddresses: [`SMTP:${BEN}`] },
      'mail',
      /the same/,
    ],
    ['a mailbox without an address', { mail: null }, 'mail', /primary address/],
    ['another’s phone', { mobile: '+12125550101' }, 'mobile', /belongs to Grace Adeyemi/],
  ];

  it.each(refusals)('%s', (_, change, property, sentence) => {
    const { directory, idOf } = open();
    const attempt = (): unknown => directory.change(idOf(BEN), change);
    expect(attempt).toThrow(sentence);
    expect(attempt).toThrow(expect.objectContaining({ name: 'DirectoryRefusal', property }));
    expect(directory.tenants).toEqual(tenants);
  });

  it('nothing of that where it does not apply', () => {
    const { directory, idOf } = open();
    expect(directory.change(idOf('yuki.tanaka@alderbyrne.example'), { mail: 'yuki@homemail.example' }).mail).toBe(
      'yuki@homemail.example',
    );
    // a sign-in name may be somebody's address, as Julia's is
    directory.change(idOf(BEN), { userPrincipalName: 'o.chen@alderbyrne-group.example' });
    expect(directory.find(BEN)?.person.userPrincipalName).toBe('o.chen@alderbyrne-group.example');
  });
});

describe('somebody new', () => {
  it('is an ordinary employee but for what is given', () => {
    const { directory } = open();
    expect(directory.add(foxglove.id, { givenName: 'Zoë', surname: 'de Vries' })).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      displayName: 'Zoë de Vries',
      userPrincipalName: 'zoe.devries@foxglove.example',
      proxyAddresses: ['SMTP:zoe.devries@foxglove.example'],
      mailbox: 'user',
      accountEnabled: true,
      telemessageEmail: 'zoe.devries@foxglove.example',
    });
    const guest = { userType: 'Guest', mail: 'kim@brightwell.example' } as const;
    expect(directory.add(foxglove.id, { givenName: 'Kim', surname: 'Roe', ...guest })).toMatchObject({
      mailbox: 'onPremises',
      proxyAddresses: ['SMTP:kim@brightwell.example'],
    });
  });

  it('has a name and an id of their own', () => {
    const { directory, alder, idOf } = open();
    const again = { givenName: 'Ben', surname: 'Carter' };
    expect(() => directory.add(alder.id, again)).toThrow(/Ben Carter signs in as/);
    const elsewhere = { ...again, userPrincipalName: 'ben2@alderbyrne.example' };
    expect(() => directory.add(alder.id, { ...elsewhere, id: idOf(BEN) })).toThrow(/has, or had, the id/);
    expect(directory.add(alder.id, elsewhere).mail).toBe('ben2@alderbyrne.example');
  });
});

describe('somebody removed', () => {
  it('is gone, and is as before when restored', () => {
    const { directory, alder, idOf } = open();
    const ben = idOf(BEN);
    directory.change(ben, { appRoles: ['DataConnectors.Auditor'] });
    const before = findPerson(alder, ben);
    directory.remove(ben);
    expect(findPerson(alder, ben)).toBeUndefined();
    expect(() => directory.change(ben, {})).toThrow(DirectoryRefusal);
    expect(() => directory.remove(ben)).toThrow(DirectoryRefusal);
    expect(directory.restore(ben)).toEqual(before);
    expect(findPerson(alder, ben)).toEqual(before);
    expect(() => directory.restore(ben)).toThrow('Nobody who was removed has the id');
  });

  it('gives name and addresses free, and cannot be restored while another has them', () => {
    const { directory, alder, idOf } = open();
    const ben = idOf(BEN);
    directory.remove(ben);
    const second = directory.add(alder.id, { givenName: 'Ben', surname: 'Carter' });
    expect(second.id).not.toBe(ben);
    expect(() => directory.restore(ben)).toThrow(/signs in as/);
    directory.remove(second.id);
    expect(directory.restore(ben).id).toBe(ben);
  });

  it('keeps the phone account until the number is another one’s', () => {
    const { directory, alder, idOf } = open();
    const phones = () =>
      directory.subscribers.flatMap(({ people }) => people).filter((one) => one.mobile === '+12125550118');
    directory.remove(idOf(BEN));
    expect(phones().map((one) => one.displayName)).toEqual(['Ben Carter']);
    directory.add(alder.id, { givenName: 'Nadia', surname: 'Haddad', mobile: '+12125550118' });
    expect(phones().map((one) => one.displayName)).toEqual(['Nadia Haddad']);
  });
});
