import { describe, expect, it } from 'vitest';
import { alderByrne } from '../world/alder-byrne.ts';
import { kestrelBank, tenants } from '../world/tenants.ts';
import { startPages } from './pages.fixture.ts';

const MATEO = 'mateo.ruiz@alderbyrne.example';
const BEN = 'ben.carter@alderbyrne.example';

/** What a browser would send if somebody pressed the button of the page's first form at once. */
function formOf(body: string): Record<string, string> {
  const form = /<form method="post"[^>]* class="panel">([\s\S]*?)<\/form>/.exec(body)?.[1] ?? '';
  const fields: Record<string, string> = {};
  for (const [input] of form.matchAll(/<input[^>]*>/g)) {
    const isBox = /type="(checkbox|radio)"/.test(input);
    const name = / name="([^"]+)"/.exec(input)?.[1] ?? '';
    if (!isBox || input.includes(' checked')) fields[name] = / value="([^"]*)"/.exec(input)?.[1] ?? 'on';
  }
  for (const [, name = '', text = ''] of form.matchAll(/<textarea[^>]* name="([^"]+)"[^>]*>\n?([\s\S]*?)<\/textarea>/g))
    fields[name] = text;
  for (const [, name = '', options = ''] of form.matchAll(/<select[^>]* name="([^"]+)"[^>]*>([\s\S]*?)<\/select>/g))
    fields[name] = /value="([^"]*)" selected/.exec(options)?.[1] ?? '';
  return fields;
}

describe('a person’s page', () => {
  it('says what is known, and sent as it is changes nothing', async () => {
    const { get, post, directory } = await startPages();
    for (const { people } of tenants) {
      for (const one of people) {
        const { status, body } = await get(`/directory/people/${one.id}`);
        expect([status, body]).toEqual([200, expect.stringContaining(`<code>${one.id}</code>`)]);
        const sent = await post(`/directory/people/${one.id}`, formOf(body));
        expect([one.displayName, sent.status]).toEqual([one.displayName, 303]);
      }
    }
    expect(directory.tenants).toEqual(tenants);
  });

  it('changes everything about somebody', async () => {
    const { get, post, directory, idOf } = await startPages();
    const path = `/directory/people/${idOf(MATEO)}`;
    const { accountEnabled: _, ...before } = formOf((await get(path)).body);
    const { status, location } = await post(path, {
      ...before,
      displayName: 'Mateo R.',
      userPrincipalName: 'mateo@alderbyrne.example',
      addresses: 'mateo@alderbyrne.example\r\n m.ruiz@alderbyrne-group.example\r\n',
      'appRoles.DataConnectors.Auditor': 'on',
      'directoryRoles.Global Administrator': 'on',
      'exchangeRoleGroups.Mailbox Import Operators': 'on',
      mailbox: 'full',
      messageMegabytes: '25.5',
      mobile: '',
      telemessageEmail: '',
      telemessageStatus: 'suspended',
    });
    expect([status, location]).toEqual([303, `${path}?saved=yes`]);
    expect(directory.find(idOf('mateo@alderbyrne.example'))?.person).toMatchObject({
      displayName: 'Mateo R.',
      accountEnabled: false,
      mail: 'mateo@alderbyrne.example',
      proxyAddresses: ['SMTP:mateo@alderbyrne.example', 'smtp:m.ruiz@alderbyrne-group.example'],
      appRoles: ['DataConnectors.Auditor'],
      directoryRoles: ['Global Administrator'],
      exchangeRoleGroups: ['Mailbox Import Operators'],
      mailbox: 'full',
      messageBytes: 26_738_688,
      mobile: null,
      telemessageEmail: null,
      telemessageStatus: 'suspended',
    });
    const { body } = await get(location);
    for (const shown of [
      'Saved.',
      '<span class="tag bad">Disabled</span>',
      'Full: refuses new messages',
      'value="25.5"',
    ])
      expect(body).toContain(shown);
  });

  it('says beside the field what is wrong, and keeps what was entered', async () => {
    const { get, post, directory, idOf } = await startPages();
    const path = `/directory/people/${idOf(BEN)}`;
    const fields = formOf((await get(path)).body);
    const malformed = { ...fields, messageMegabytes: 'plenty', mobile: '0171 <1>', surname: 'Carter-Jones' };
    const { status, body } = await post(path, malformed);
    expect(status).toBe(400);
    expect(body).toContain('role="alert"');
    expect(body).toContain('<a href="#f-mobile">A mobile number is E.164, as +12125550101.</a>');
    expect(body).toContain('<small id="p-messageMegabytes" class="wrong">The largest message is a number.</small>');
    expect(body).toMatch(/id="f-mobile" name="mobile" aria-describedby="h-mobile p-mobile" aria-invalid="true"/);
    expect(formOf(body)).toEqual({ ...malformed, mobile: '0171 &lt;1&gt;' });

    const taken = await post(path, { ...fields, addresses: `${BEN}\nj.hart@alderbyrne.example` });
    expect([taken.status, taken.body]).toEqual([
      400,
      expect.stringContaining('The address j.hart@alderbyrne.example belongs to Jonas Hart already.'),
    ]);
    expect(formOf(taken.body).addresses).toBe(`${BEN}\nj.hart@alderbyrne.example`);
    expect(directory.tenants).toEqual(tenants);
  });

  it('removes somebody, and takes them back', async () => {
    const { get, post, directory, idOf } = await startPages();
    const ben = idOf(BEN);
    const path = `/directory/people/${ben}`;
    expect(await post(`${path}/remove`)).toMatchObject({ status: 303, location: path });
    expect((await get(path)).body).toContain('Was removed from the directory of Alder &amp; Byrne.');
    const listed = (await get('/directory')).body;
    expect(listed).toContain('<caption>Removed from Alder &amp; Byrne</caption>');
    expect(listed).toContain(`action="${path}/restore"`);
    expect((await get('/mailboxes')).body).not.toContain('Ben Carter');

    const second = directory.add(alderByrne.id, { givenName: 'Ben', surname: 'Carter' });
    const refused = await post(`${path}/restore`);
    expect([refused.status, refused.body]).toEqual([
      400,
      expect.stringContaining(`Ben Carter signs in as ${BEN} already.`),
    ]);
    directory.remove(second.id);
    expect((await post(`${path}/restore`)).status).toBe(303);
    expect(directory.find(BEN)?.person.id).toBe(ben);
    for (const lost of ['remove', 'restore', '']) {
      expect((await post(`/directory/people/nobody/${lost}`.replace(/\/$/, ''))).status).toBe(404);
    }
  });
});

describe('adding a person', () => {
  it('takes a name, and the rest follows', async () => {
    const { get, post, directory } = await startPages();
    const path = `/directory/${alderByrne.id}/people`;
    const empty = formOf((await get(path)).body);
    const { status, location } = await post(path, { ...empty, givenName: 'Nadia', surname: 'Haddad' });
    expect(status).toBe(303);
    const nadia = directory.find('nadia.haddad@alderbyrne.example')?.person;
    expect(location).toBe(`/directory/people/${nadia?.id}?saved=yes`);
    expect(nadia).toMatchObject({ mailbox: 'user', accountEnabled: true, telemessageEmail: nadia?.mail });
    expect((await get(location)).body).toContain('<h1>Nadia Haddad</h1>');
    expect((await get('/mailboxes')).body).toContain('Nadia Haddad');
  });

  it('says what is wrong', async () => {
    const { get, post } = await startPages();
    const path = `/directory/${alderByrne.id}/people`;
    const empty = formOf((await get(path)).body);
    const unnamed = await post(path, { ...empty, displayName: 'Nobody' });
    expect([unnamed.status, unnamed.body]).toEqual([
      400,
      expect.stringContaining('<a href="#f-givenName">A name is missing.</a>'),
    ]);
    expect(formOf(unnamed.body).displayName).toBe('Nobody');
    const again = await post(path, { ...empty, givenName: 'Ben', surname: 'Carter' });
    expect(again.body).toContain('<a href="#f-userPrincipalName">Ben Carter signs in as');
    expect((await get('/directory/nowhere/people')).status).toBe(404);
  });
});

describe('the pages show what is in force', () => {
  it('of mailboxes, phones and accounts', async () => {
    const { get, directory, idOf } = await startPages();
    directory.change(idOf(BEN), { mailbox: 'none', accountEnabled: false });
    directory.change(idOf('yuki.tanaka@alderbyrne.example'), { mailbox: 'shared' });
    directory.change(idOf('elif.demir@brightwell.example'), { displayName: 'Elif D.' });
    const mailboxes = (await get('/mailboxes')).body;
    expect(mailboxes).not.toContain('Ben Carter');
    expect(mailboxes).toContain('Yuki Tanaka');
    expect((await get('/directory')).body).toContain('Elif D.');
    expect((await get('/telemessage')).body).toContain('Elif D.');
    directory.change(idOf('grace.adeyemi@alderbyrne.example'), { mobile: '+12125550190' });
    for (const mobile of ['+12125550190', '+12125550101']) {
      const { body } = await get(`/telemessage/phones/${encodeURIComponent(mobile)}`);
      expect(body).toContain('Phone of Grace Adeyemi');
    }
  });
});

describe('an organization’s consent', () => {
  const path = `/directory/${alderByrne.id}/consent`;

  it.each([
    ['all', ['User.Read.All', 'Mail.ReadWrite'], false],
    ['chosen', ['User.Read.All'], true],
    ['policy', ['User.Read.All', 'Mail.ReadWrite'], true],
    ['none', ['User.Read.All'], false],
  ])('is granted for %s, and shown', async (reach, permissions, limited) => {
    const { get, post, consents, idOf } = await startPages();
    const [ben, mateo] = [idOf(BEN), idOf(MATEO)];
    const fields = { reach, 'User.Read.All': 'on', [`mailbox.${ben}`]: 'on', [`mailbox.${mateo}`]: 'on' };
    expect(await post(path, fields)).toMatchObject({ status: 303, location: `${path}?saved=yes` });
    expect(consents.granted(alderByrne.id)).toEqual(permissions);
    expect(consents.mailboxScope(alderByrne.id)).toEqual(limited ? new Set([mateo, ben]) : undefined);
    const { [`mailbox.${ben}`]: _, [`mailbox.${mateo}`]: __, ...unlimited } = fields;
    expect(formOf((await get(path)).body)).toEqual(limited ? fields : unlimited);
  });

  it('takes at least one mailbox where it is limited, and keeps what was entered', async () => {
    const { post, consents } = await startPages();
    const { status, body } = await post(path, { reach: 'chosen', 'RoleManagement.Read.Exchange': 'on' });
    expect([status, body]).toEqual([400, expect.stringContaining('Choose at least one mailbox.')]);
    expect(formOf(body)).toEqual({ reach: 'chosen', 'RoleManagement.Read.Exchange': 'on' });
    expect((await post(path, {})).status).toBe(400);
    expect(consents.granted(alderByrne.id)).toEqual([]);
  });

  it('keeps a chosen mailbox that is none at the moment', async () => {
    const { get, post, consents, directory, idOf } = await startPages();
    consents.limitMailboxes(alderByrne.id, [idOf(BEN), idOf(MATEO)]);
    directory.change(idOf(BEN), { mailbox: 'none' });
    expect((await post(path, formOf((await get(path)).body))).status).toBe(303);
    expect(consents.mailboxScope(alderByrne.id)).toEqual(new Set([idOf(MATEO), idOf(BEN)]));
  });

  it('is revoked with the chosen mailboxes', async () => {
    const { get, post, consents, idOf } = await startPages();
    consents.grant(alderByrne.id, ['User.Read.All']);
    consents.limitMailboxes(alderByrne.id, [idOf(BEN)]);
    expect((await get('/directory')).body).toContain('RBAC for Applications: 1');
    await post(`/directory/${alderByrne.id}/revoke-consent`);
    expect([consents.granted(alderByrne.id), consents.mailboxScope(alderByrne.id)]).toEqual([[], undefined]);
    expect((await get('/directory')).body).toContain('Not given');
  });

  it('revoke a consent', async () => {
    const { get, post, parts } = await startPages();
    parts.consents.grant(alderByrne.id, ['User.Read.All', 'Mail.ReadWrite']);
    parts.consents.grant(kestrelBank.id, ['User.Read.All']);
    expect((await get('/directory')).body).toContain('Mail.ReadWrite');
    await post(`/directory/${alderByrne.id}/revoke-consent`);
    expect([parts.consents.granted(alderByrne.id), parts.consents.granted(kestrelBank.id)]).toEqual([
      [],
      ['User.Read.All'],
    ]);
  });
});
