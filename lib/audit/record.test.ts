import { createHmac, createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AuditRecord, BEFORE_FIRST, linkedText, linkMac } from './record.ts';

const record: AuditRecord = {
  id: '7',
  organizationId: '00000000-0000-4000-8000-000000000001',
  at: '2026-11-21T06:14:00.000Z',
  actor: 'system',
  actorName: 'system',
  clientAddress: null,
  action: 'connector.paused',
  targetType: 'connector',
  targetId: '00000000-0000-4000-8000-000000000002',
  result: 'done',
  detail: { b: 1, a: ['x', null, true] },
};

describe('the text of a link', () => {
  it('is the documented one', () => {
    expect(linkedText(record, '3', 'a1', BEFORE_FIRST)).toBe(
      `["audit-link-1","00000000-0000-4000-8000-000000000001","3","a1","${'0'.repeat(64)}","7",` +
        '"2026-11-21T06:14:00.000Z","system","system",null,"connector.paused","connector",' +
        '"00000000-0000-4000-8000-000000000002","done",{"a":["x",null,true],"b":1}]',
    );
  });

  it('does not depend on the order of keys', () => {
    const other = { ...record, detail: { a: ['x', null, true], b: 1 } };
    expect(linkedText(other, '3', 'a1', BEFORE_FIRST)).toBe(linkedText(record, '3', 'a1', BEFORE_FIRST));
  });

  it('is another one for every other detail', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, two) => {
        const text = (detail: unknown) => linkedText({ ...record, detail }, '3', 'a1', BEFORE_FIRST);
        // -0 is 0 in JSON.
        if (JSON.stringify(one) !== JSON.stringify(two)) return;
        expect(text(one)).toBe(text(two));
        expect(text([one, 0])).not.toBe(text(one));
      }),
    );
  });

  it('is what the code is made of', () => {
    const key = createSecretKey(Buffer.alloc(32, 7));
    expect(linkMac(key, record, '3', 'a1', BEFORE_FIRST)).toEqual(
      createHmac('sha256', key)
        .update(linkedText(record, '3', 'a1', BEFORE_FIRST))
        .digest(),
    );
  });
});
