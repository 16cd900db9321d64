import { expect, test } from 'vitest';
import { evidenceAddress, type Subject, subjectKey } from './address.ts';
import { dayOf, evidenceView, importNumberOf, parseSubject } from './subject.ts';

const ID = '5f0d6a3e-2c84-4b19-9a57-1e6c8b40d271';
const subjects: Subject[] = [
  { kind: 'item', sourceItemId: 'a:b c/?&=ü' },
  { kind: 'number', number: '+12125550118' },
  { kind: 'person', userId: ID },
  { kind: 'day', day: '2026-11-21' },
  { kind: 'import', importId: ID },
];

test.each(subjects)('%o comes back from its address', (of) => {
  const view = { text: 'typed & more', of, after: '1-2', open: '3-4' };
  const { search } = new URL(evidenceAddress(view), 'https://portal.example');
  expect(evidenceView(new URLSearchParams(search))).toEqual(view);
  expect(parseSubject(subjectKey(of))).toEqual(of);
});

test.each(['', 'number:12', 'person:x', 'day:2026-02-30', 'import:1', 'mailbox:x', `person:${ID} or 1=1`])(
  'an address with %j names nothing',
  (key) => expect(parseSubject(key)).toBeNull(),
);

test('days and imports are read as people write them', () => {
  expect([dayOf('2026-11-21'), dayOf('2026-11-31'), dayOf('21.11.2026')]).toEqual(['2026-11-21', null, null]);
  expect(['import 12', 'Import #12', '#12', '12', 'import', 'import 0'].map(importNumberOf)).toEqual([
    12,
    12,
    12,
    null,
    null,
    null,
  ]);
});
