import { expect, it } from 'vitest';
import { AUDIT_ACTIONS, AUTOMATIC_ACTIONS, ORGANIZATION_ACTIONS } from './entries.ts';
import { AUDIT_KINDS, actionsOf, auditQuery, auditSelection, EVERYTHING, isSelective } from './selection.ts';

it('is in the address, whole', () => {
  const selection = {
    from: '2026-11-01',
    to: '2026-11-21',
    who: 'Grace & Co',
    kind: 'access',
    on: 'Android',
    refused: true,
    before: { at: '2026-11-21T06:14:00.123Z', id: '88213' },
  } as const;
  expect(auditSelection(new URLSearchParams(auditQuery(selection)))).toEqual(selection);
  expect(auditQuery(EVERYTHING)).toBe('');
  expect([isSelective(EVERYTHING), isSelective({ ...EVERYTHING, refused: true })]).toEqual([false, true]);
});

it.each(['from=2026-13-01', 'to=yesterday', 'kind=all', 'before=x', 'before=2026-11-21_0', 'before=_1', 'refused=yes'])(
  'leaves out what makes no sense: %s',
  (query) => {
    expect(auditSelection(new URLSearchParams(query))).toEqual(EVERYTHING);
  },
);

it('every action is of one kind', () => {
  const all = AUDIT_KINDS.flatMap((kind) => actionsOf(kind));
  expect(all.toSorted()).toEqual([...AUDIT_ACTIONS, ...ORGANIZATION_ACTIONS, ...AUTOMATIC_ACTIONS].toSorted());
});
