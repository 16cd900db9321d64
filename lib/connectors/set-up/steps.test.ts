import { describe, expect, it } from 'vitest';
import type { Draft } from './draft.ts';
import { currentStep, openStep, STEPS, stepAfter, stepBefore, stepStates } from './steps.ts';

const at = new Date('2026-11-21T06:14:00Z');
const empty: Draft = {
  id: 'd',
  organizationId: 'o',
  kind: 'android-archiver',
  name: 'Android Archiver',
  startedBy: 'Amara',
  savedAt: at,
  terms: null,
  login: null,
  mapping: { automatic: true, defaultRegion: 'US', file: null, confirmedAt: null },
  consent: { mode: 'all', inside: null, outside: null, requestedAt: null, provenAt: null, problem: null },
};
const terms: Draft = { ...empty, terms: { version: '1.0', acceptedBy: 'Amara', acceptedAt: at } };
const login: Draft = {
  ...terms,
  login: { sourceId: 1n, accountId: 'TM-1', accountName: 'A', username: 'u', registrationId: 'r', registeredUsers: 3 },
};
const mapped: Draft = { ...login, mapping: { ...login.mapping, confirmedAt: at } };
const consented: Draft = { ...mapped, consent: { ...mapped.consent, provenAt: at } };

describe('the wizard', () => {
  it('goes on at the first step that is not done', () => {
    expect([empty, terms, login, mapped, consented].map(currentStep)).toEqual([
      'terms',
      'login',
      'mapping',
      'consent',
      'review',
    ]);
  });

  it('opens every step that was done and the next one, nothing further', () => {
    expect(stepStates(login).map(({ open }) => open)).toEqual([true, true, true, false, false]);
    expect(openStep(login, 'terms')).toBe('terms');
    expect(openStep(login, 'review')).toBe('mapping');
    expect(openStep(login, 'nonsense')).toBe('mapping');
    expect(STEPS.every(({ id }) => openStep(consented, id) === id)).toBe(true);
  });

  it('shuts later steps again when an earlier one is undone, as another account does with the mapping', () => {
    const otherAccount: Draft = { ...consented, mapping: { ...consented.mapping, confirmedAt: null } };
    expect(openStep(otherAccount, 'review')).toBe('mapping');
  });

  it('has neighbours', () => {
    expect(stepBefore('terms')).toBeNull();
    expect(stepAfter('terms')).toBe('login');
    expect(stepAfter('review')).toBeNull();
  });
});
