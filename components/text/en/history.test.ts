import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AUDIT_ACTIONS, AUTOMATIC_ACTIONS, ORGANIZATION_ACTIONS } from '#lib/audit/entries.ts';
import { ACT_KINDS, KIND_OF } from '#lib/connectors/history-words.ts';
import { history } from './history.ts';

describe('history', () => {
  it.each(AUDIT_ACTIONS)('%s has a sentence of its own, and a kind to be found by', (action) => {
    const sentence = history.sentence('Ada', action, {});
    expect(sentence).toMatch(/^Ada [a-z].*\.$/);
    expect(sentence).not.toContain(action);
    expect(sentence).not.toMatch(/undefined|null|NaN/);
    expect(ACT_KINDS).toContain(KIND_OF[action]);
    expect(AUDIT_ACTIONS.map((one) => history.sentence('Ada', one, {})).filter((one) => one === sentence)).toHaveLength(
      1,
    );
  });

  it.each([...ORGANIZATION_ACTIONS, ...AUTOMATIC_ACTIONS])('%s has a sentence of its own', (action) => {
    expect(history.sentence('Ada', action, {})).toMatch(/^Ada [a-z].*\.$/);
  });

  it('every kind has acts, and a name', () => {
    const found = new Set(AUDIT_ACTIONS.map((action) => KIND_OF[action]));
    expect([...found].toSorted()).toEqual([...ACT_KINDS].toSorted());
    expect(ACT_KINDS.map((kind) => history.kinds[kind])).not.toContain(undefined);
  });

  it('the list has every name that the code notes, and none that nobody notes any more', () => {
    const files = execFileSync('git', ['ls-files', 'lib', 'app', 'workers'], { encoding: 'utf8' }).trim().split('\n');
    const source = files
      .filter((file) => /\.tsx?$/.test(file) && !/\.(test|fixture)\.|history-words|security\/audit\.ts$/.test(file))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    const noted = [...source.matchAll(/\baction: '([a-z]+\.[a-z-]+)'/g)].map(([, action]) => action ?? '');
    expect(noted.length).toBeGreaterThan(30);
    const known: readonly string[] = [...AUDIT_ACTIONS, ...ORGANIZATION_ACTIONS];
    expect(known.filter((action) => !source.includes(`'${action}'`))).toEqual([]);
    expect(noted.filter((action) => !known.includes(action))).toEqual([]);
  });

  it('says who: a person, or the portal itself; an act of a later version by its name', () => {
    const chosen = { mailboxes: 'chosen', inside: 'a@x.example', outside: 'b@x.example' };
    expect(history.sentence('Grace', 'connector.consent-proven', chosen)).toMatch(
      /for chosen mailboxes only: a@x\.example could be written to, b@x\.example was refused\.$/,
    );
    expect(history.sentence('Grace', 'connector.consent-proven', { mailboxes: 'all' })).toMatch(/for all mailboxes\.$/);
    expect(history.sentence(null, 'connector.consent-proven', {})).toBe(
      'The portal checked that admin consent is given.',
    );
    expect(history.sentence('Ada', 'connector.later', {})).toBe('Ada: connector.later.');
  });

  it('says what was done to the organization', () => {
    const act = (detail: Parameters<typeof history.sentence>[2]) =>
      history.sentence('Ada', 'organization.mapping-approval', detail);
    const on = { demanded: true, askedToEnd: false, firstAskedBy: null };
    expect(act(on)).toBe('Ada demanded that another administrator approves large mapping changes.');
    expect(act({ ...on, askedToEnd: true })).toContain('asked to turn off the approval of mapping changes');
    expect(act({ ...on, firstAskedBy: 'Bo' })).toContain('kept the approval of mapping changes on, which Bo had asked');
    expect(act({ ...on, demanded: false, firstAskedBy: 'Bo' })).toContain('as Bo had asked.');
  });

  it('says another rule with its version', () => {
    const rule = { version: 3, mode: 'rule', automaticBefore: true, automatic: false } as const;
    expect(history.sentence('Ada', 'mapping.proposed', rule)).toBe(
      'Ada proposed mapping version 3: automatic user mapping off.',
    );
    expect(history.sentence('Ada', 'mapping.applied', { ...rule, regionBefore: 'US', defaultRegion: 'GB' })).toBe(
      'Ada put mapping version 3 in force: automatic user mapping off, default region GB.',
    );
  });

  it('says what was before and after', () => {
    const renamed = { before: 'Old', after: 'New' };
    expect(history.sentence('Ada', 'connector.renamed', renamed)).toBe('Ada renamed the connector from Old to New.');
    const login = history.sentence('Ada', 'connector.credentials-updated', { before: 'a', after: 'b' });
    expect(login).toBe('Ada replaced the login at TeleMessage: b instead of a.');
    const off = history.sentence('Ada', 'connector.fallback-changed', { before: 'x@y.example', after: null });
    expect(off).toBe('Ada turned the fallback mailbox x@y.example off.');
  });
});

it('whoever goes on without mailboxes after a restore is quoted', () => {
  expect(history.sentence('Grace', 'recovery.passed-over', { mailboxes: 2, reason: 'They are moved' })).toBe(
    'Grace had the comparison after the restore go on without 2 mailboxes that could not be searched: They are moved.',
  );
});
