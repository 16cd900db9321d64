/** docs/evidence.md says how hashes are made by hand. Its example is made here by hand, and by the product. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { itemSchema } from '../archive/item.ts';
import { canonicalJson } from '../imports/canonical-json.ts';
import { planMessage } from '../mail/plan.ts';

const page = readFileSync(new URL('../../docs/evidence.md', import.meta.url), 'utf8');
const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** What is in a block of the page, as `tr -d '\n'` gives it. */
function block(name: string): string {
  const [, text] = new RegExp(`\`\`\`\\w+ ${name}\n(.*?)\n\`\`\``, 's').exec(page) ?? [];
  if (text === undefined) throw new RangeError(name);
  return text.replaceAll('\n', '');
}

test('the example of a source item has the hash that stands there, in whatever order its members come', () => {
  expect(sha256(block('source-item'))).toBe(block('source-hash'));
  const { type, text, ...rest } = JSON.parse(block('source-item'));
  expect(canonicalJson({ type, ...rest, text })).toBe(block('source-item'));
});

test('the example of a message has the hash that stands there, and is the message of that item', () => {
  expect(sha256(block('content'))).toBe(block('content-hash'));
  const item = itemSchema.parse(JSON.parse(block('source-item')));
  const bytes = Buffer.from('Minutes of the meeting.\n');
  const plan = planMessage({
    item,
    scope: { organizationId: '5f0d6a3e-2c84-4b19-9a57-1e6c8b40d271', kind: 'android-archiver', account: 'acc-1' },
    facts: { messageClass: 'IPM.Note', itemIdProperty: { guid: '9f2f8a52-6fd4-4c5e-8d2b-5a1b7c3d9e10', name: 'Id' } },
    mailboxes: new Map([['+12125550113', { address: 'Mateo.Ruiz@alderbyrne.example' }]]),
    contents: new Map([['a-1', { size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }]]),
    unmappedDomain: 'mobile.invalid',
  });
  expect(plan.contentHash).toBe(block('content-hash'));
});
