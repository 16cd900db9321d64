import { isPossiblePhoneNumber } from 'libphonenumber-js';
import { describe, expect, it } from 'vitest';
import { alderByrne } from './alder-byrne.ts';
import { isAllowedRedirect } from './portal-app.ts';
import { findByAddress, findPerson, findTenant, foxglove, kestrelBank, tenants } from './tenants.ts';

const everybody = tenants.flatMap((tenant) => tenant.people);

describe('the tenants', () => {
  it('have the sizes that tests count on', () => {
    expect(tenants.map((tenant) => tenant.people.length)).toEqual([42, 8, 2]);
  });

  it('have distinct ids, principal names and mobiles', () => {
    const mobiles = everybody.map((one) => one.mobile).filter((mobile) => mobile !== null);
    for (const values of [
      everybody.map((one) => one.id),
      everybody.map((one) => one.userPrincipalName.toLowerCase()),
      mobiles,
    ]) {
      expect(new Set(values).size).toBe(values.length);
    }
  });

  it('hold possible E.164 numbers only', () => {
    for (const { mobile } of everybody) if (mobile) expect(isPossiblePhoneNumber(mobile), mobile).toBe(true);
  });

  it('keep the same object ids at every start', () => {
    expect(findPerson(alderByrne, 'grace.adeyemi@alderbyrne.example')?.id).toBe('7c87f7d8-3f99-48f4-afd9-77fc5f0305e7');
  });

  it('let no address belong to two people', () => {
    for (const tenant of tenants) {
      const addresses = tenant.people.flatMap((one) => one.proxyAddresses.map((proxy) => proxy.slice(5).toLowerCase()));
      expect(new Set(addresses).size).toBe(addresses.length);
    }
  });
});

describe('look-up', () => {
  it('finds a tenant by id and by each of its domains, in any case', () => {
    expect(findTenant(tenants, kestrelBank.id.toUpperCase())).toBe(kestrelBank);
    expect(findTenant(tenants, 'AlderByrne-Group.example')).toBe(alderByrne);
    expect(findTenant(tenants, 'nowhere.example')).toBeUndefined();
  });

  it('tells the person who signs in as j.hart@ from the one who gets the mail for it', () => {
    expect(findPerson(alderByrne, 'J.Hart@alderbyrne.example')?.displayName).toBe('Julia Hart');
    expect(findByAddress(alderByrne, 'J.Hart@alderbyrne.example')?.displayName).toBe('Jonas Hart');
  });

  it('does not look into another tenant', () => {
    expect(findPerson(foxglove, 'grace.adeyemi@alderbyrne.example')).toBeUndefined();
  });
});

describe('redirects', () => {
  it.each(['http://localhost:3000/api/auth/callback/azure-ad', 'https://127.0.0.1:8443/x'])('go to %s', (uri) => {
    expect(isAllowedRedirect(uri)).toBe(true);
  });

  it.each([
    'http://localhost.attacker.example/',
    'https://example.com',
    'javascript:alert(1)',
    'http://localhost@attacker.example',
    'nonsense',
  ])('do not go to %s', (uri) => expect(isAllowedRedirect(uri)).toBe(false));
});
