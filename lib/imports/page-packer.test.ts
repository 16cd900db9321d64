import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { itemIdentity } from '../mail/identity.ts';
import { parseKeyRing } from '../security/keyring.ts';
import { openFrame } from '../staging/frames.ts';
import type { ImportDeps } from './deps.ts';
import type { OwedCopy } from './fan-out.ts';
import { decodeFrame } from './frame.ts';
import { readPage } from './page.ts';
import { PagePacker } from './page-packer.ts';
import { people, sms } from './scripted-source.fixture.ts';
import { SHARDS } from './shards.ts';
import type { RunningConnector } from './store/connectors.ts';

const [owner] = people;
if (!owner) throw new RangeError('nobody there');
const at = new Date('2026-11-24T12:00:00Z');
const window = { from: new Date(at.getTime() - 3_600_000), to: new Date(at.getTime() + 3_600_000) };
const keyRing = parseKeyRing(`test:${randomBytes(32).toString('base64')}`);
const connector = { organizationId: 'org', kind: 'android-archiver', accountId: 'acme' } as RunningConnector;

/** @returns the page that is stored, and what lies at each shard's place of the item */
async function packed(text: string) {
  let stored = Buffer.alloc(0);
  const staging = { putPage: async (_name: string, page: Buffer) => void (stored = page) };
  const packer = new PagePacker({ keyRing, staging } as unknown as ImportDeps, connector, 1);
  const [entry] = readPage([sms(owner as (typeof people)[number], at, { id: 'one', text })], window);
  if (entry?.kind !== 'readable') throw new Error('the item is not read');
  const copies = Array.from({ length: SHARDS }, (_, shard) => ({ shard }) as OwedCopy);
  packer.addItem({ entry, itemId: '1', fannedOut: { item: entry.item, copies, mailboxes: {} }, attachments: [] });
  const places = await packer.store({ id: 'import', organizationId: 'org' }, new AbortController().signal);
  const identity = itemIdentity({ organizationId: 'org', kind: 'android-archiver', account: 'acme' }, 'one');
  const texts = copies.map(({ shard }) => {
    const { offset, length } = places.of(entry, shard);
    return decodeFrame(openFrame(keyRing, stored.subarray(offset, offset + length), identity)).item.text;
  });
  return { bytes: stored.length, texts };
}

it('a text lies once for each shard, so that each reads its own only', async () => {
  const { bytes, texts } = await packed('Hello');
  expect(texts).toEqual(Array.from({ length: SHARDS }, () => 'Hello'));
  expect(bytes).toBeGreaterThan(SHARDS * 300);
});

it('what is large lies once, however many shards are owed it', async () => {
  const long = 'x'.repeat(1_000_000);
  const { bytes, texts } = await packed(long);
  expect(texts.every((text) => text === long)).toBe(true);
  expect(bytes).toBeLessThan(1_010_000);
});
