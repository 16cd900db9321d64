import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import PostalMime from 'postal-mime';
import { expect, test } from 'vitest';
import { itemSchema } from '#lib/archive/item.ts';
import { emlOfPlan, emlOfRawItem } from './eml.ts';
import { planMessage } from './plan.ts';

const MIB = 1024 * 1024;
const owner = { mobile: '+15550100100', name: 'Anna', email: 'anna@contoso.com' };

function planWith(attachments: readonly { readonly id: string; readonly name: string; readonly size: number }[]) {
  const item = itemSchema.parse({
    ...{ id: 'msg-1', type: 'mms', direction: 'incoming', owner, sender: owner, recipients: [owner], text: 'Hi' },
    ...{ messageTime: '2026-11-20T10:00:00Z', archivedTime: '2026-11-20T10:00:01Z', conversationId: 'c-1' },
    attachments: attachments.map((one) => ({ ...one, contentType: 'video/mp4' })),
  });
  return planMessage({
    item,
    scope: { organizationId: 'org', kind: 'android-archiver', account: 'acme' },
    facts: { messageClass: 'IPM.Note', itemIdProperty: { guid: '6f1d2c3b-4a59-4e68-9d77-8c5b4a392817', name: 'Id' } },
    unmappedDomain: 'mobile.invalid',
    mailboxes: new Map(),
    contents: new Map(attachments.map(({ id, size }) => [id, { size, sha256: '0'.repeat(64) }])),
  });
}

/** A film of 64 MiB, that tells how much of it was read, and when it was let go. */
function film() {
  const seen = { pieces: 0, closed: false };
  async function* bytes(): AsyncGenerator<Uint8Array> {
    try {
      for (; seen.pieces < 64; seen.pieces++) yield new Uint8Array(MIB);
    } finally {
      seen.closed = true;
    }
  }
  return { seen, bytes };
}

test('reads an attachment as fast as it is read, and lets go of it when nobody reads on', async () => {
  const { seen, bytes } = film();
  const eml = emlOfPlan(planWith([{ id: 'a', name: 'film.mp4', size: 64 * MIB }]), bytes);
  let read = 0;
  for (const parts = eml.iterator({ destroyOnReturn: false }); read < 3 * MIB; ) {
    const part = await parts.next();
    read += (part.value as Buffer).length;
  }
  expect(seen.pieces).toBeLessThan(16);
  const closed = once(eml, 'close');
  eml.destroy();
  await closed;
  await expect.poll(() => seen.closed).toBe(true);
});

test('an attachment that breaks off breaks the message off, and harms nobody where it is not read', async () => {
  const plan = planWith([{ id: 'a-1', name: 'film.mp4', size: 64 * MIB }]);
  const broke = Promise.withResolvers<void>();
  // biome-ignore lint/correctness/useYield: it breaks before its first byte
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    broke.resolve();
    throw new Error('staging is away');
  };
  emlOfPlan(plan, broken);
  await broke.promise;
  // Thrown as an error that nobody met, it ends this run.
  await setTimeout(10);
  await expect(emlOfPlan(plan, broken).toArray()).rejects.toThrow('staging is away');
});

test('a file name cannot say anything else than a name', async () => {
  const name = 'x"\r\nX-Injected: yes\r\n\r\nbody.mp4';
  const eml = emlOfPlan(planWith([{ id: 'a', name, size: 3 }]), async function* () {
    yield Buffer.from('abc');
  });
  const mail = await PostalMime.parse(Buffer.concat(await eml.toArray()));
  expect(mail.headers.map(({ key }) => key)).not.toContain('x-injected');
  expect(mail.attachments).toHaveLength(1);
  expect(mail.text?.trim()).toBe('Hi');
});

test('an item that cannot be read is attached as it is, whatever its id holds', async () => {
  const json = Buffer.from('{"id":"\\r\\nBcc: x@y.example"}');
  const raw = { sourceItemId: '\r\nBcc: x@y.example', json, archivedAt: new Date(0), unmappedDomain: 'mobile.invalid' };
  const mail = await PostalMime.parse(Buffer.concat(await emlOfRawItem(raw).toArray()));
  expect(mail.bcc).toBeUndefined();
  expect(Buffer.from(mail.attachments[0]?.content as ArrayBuffer)).toEqual(json);
});
