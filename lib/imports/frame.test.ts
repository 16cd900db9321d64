import fc from 'fast-check';
import { expect, it } from 'vitest';
import { itemSchema } from '../archive/item.ts';
import { decodeFrame, encodeFrame, stagedItem } from './frame.ts';
import { people, sms } from './scripted-source.fixture.ts';

const [owner] = people;
if (!owner) throw new RangeError('nobody there');
const item = itemSchema.parse(sms(owner, new Date('2026-11-24T12:00:00Z')));
const mailboxes = { [item.owner.mobile]: { address: 'a@alderbyrne.example', name: 'A' } };

it('a frame comes back as it went in', () => {
  expect(decodeFrame(encodeFrame({ item, mailboxes }, null))).toMatchObject({ item, mailboxes });
});

const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 })
  .map((units) => String.fromCharCode(...units));

it('what is handed over without a frame is what the frame would give', () => {
  fc.assert(
    fc.property(anyText, anyText, fc.boolean(), (text, name, isMended) => {
      const odd = itemSchema.parse({ ...item, text, owner: { ...item.owner, name } });
      const mended = isMended ? { fields: [name], original: text } : null;
      const fannedOut = { item: odd, mailboxes: { [text]: { address: 'a@alderbyrne.example', name } } };
      const opened = decodeFrame(encodeFrame(fannedOut, mended));
      expect(opened).toEqual({ version: 1, ...stagedItem(fannedOut, mended) });
    }),
  );
});

it('a frame without this version, as earlier ones were written, is parsed', () => {
  const earlier = { item: { ...item, attachments: undefined }, mailboxes };
  expect(decodeFrame(Buffer.from(JSON.stringify(earlier))).item.attachments).toEqual([]);
  for (const frame of [{}, { item: {}, mailboxes }, { version: 0, item, mailboxes: 1 }, null, 'frame']) {
    expect(() => decodeFrame(Buffer.from(JSON.stringify(frame)))).toThrow();
  }
});
