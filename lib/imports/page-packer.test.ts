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
const ORGANIZATION = '00000000-0000-4000-8000-000000000001';
const IMPORT = '00000000-0000-4000-8000-000000000002';
const connector = { organizationId: ORGANIZATION, kind: 'android-archiver', accountId: 'acme' } as RunningConnector;

/** @returns the page that is stored, and what lies at each shard's place of the item */
async function packed(text: string) {
  const pages: Uint8Array[] = [];
  const staging = { putPage: async (_name: string, page: Uint8Array) => void pages.push(page) };
  const packer = new PagePacker({ keyRing, staging } as unknown as ImportDeps, connector, 1);
  const [entry] = readPage([sms(owner as (typeof people)[number], at, { id: 'one', text })], window);
  if (entry?.kind !== 'readable') throw new Error('the item is not read');
  const copies = Array.from({ length: SHARDS }, (_, shard) => ({ shard }) as OwedCopy);
  packer.addItem({ entry, itemId: '1', fannedOut: { item: entry.item, copies, mailboxes: {} }, attachments: [] });
  const places = await packer.store({ id: IMPORT, organizationId: ORGANIZATION }, new AbortController().signal);
  const [stored = new Uint8Array()] = pages;
  const identity = itemIdentity({ organizationId: ORGANIZATION, kind: 'android-archiver', account: 'acme' }, 'one');
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

/** Which items' content is kept until the page is written, by their texts' lengths; one has an attachment, one nobody is owed. */
async function kept(keeps: boolean | undefined, ...lengths: readonly number[]): Promise<number[]> {
  const staging = { putPage: async () => {} };
  const packer = new PagePacker({ keyRing, staging } as unknown as ImportDeps, connector, 1, keeps);
  const attachments = [{ id: 'file', name: 'a.png', contentType: 'image/png', size: 1 }];
  const texts = lengths.map((length) => 'x'.repeat(length));
  const listed = [
    sms(owner as (typeof people)[number], at, { id: 'with a file', text: 'x', attachments }),
    sms(owner as (typeof people)[number], at, { id: 'nobody', text: 'x' }),
    ...texts.map((text, index) => sms(owner as (typeof people)[number], at, { id: `item ${index}`, text })),
  ];
  for (const entry of readPage(listed, window)) {
    if (entry.kind !== 'readable') throw new Error('the item is not read');
    const copies = entry.sourceItemId === 'nobody' ? [] : [{ shard: 3 } as OwedCopy];
    packer.addItem({ entry, itemId: '1', fannedOut: { item: entry.item, copies, mailboxes: {} }, attachments: [] });
  }
  const { contents } = await packer.store({ id: IMPORT, organizationId: ORGANIZATION }, new AbortController().signal);
  return [...contents.values()].map(({ item }) => item.text?.length ?? 0);
}

it('what can be sent at once is kept where somebody may take it, up to two megabytes a page', async () => {
  expect(await kept(undefined, 10)).toEqual([]);
  expect(await kept(true, 10, 20)).toEqual([10, 20]);
  // One that is too large keeps none of the others out.
  expect(await kept(true, 1_500_000, 700_000, 30, 400_000)).toEqual([1_500_000, 30, 400_000]);
});
