/**
 * The short chaos run of CI: a storm whose blows are fixed and whose moments follow from the commit, two steps of one
 * message, and whether the verdict sees what is wrong.
 */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { archiveFolder, readMailboxes } from '#lib/imports/mailboxes.fixture.ts';
import { testSeed } from '#testing/seed.ts';
import '#testing/global-setup.ts';
import type { Outcome } from './outcome.ts';
import { type Services, startServices } from './services.ts';
import { stepsRound } from './steps.ts';
import { stormRound } from './storm.ts';
import { judge, type Verdict } from './verdict.ts';
import type { World } from './world.ts';

let services: Services;
beforeAll(async () => {
  const { folder } = inject('services');
  services = await startServices(join(folder, 'chaos'), join(folder, 'tools'));
}, 180_000);
afterAll(() => services?.stop());

let shown: readonly string[] = [];
afterEach(({ task }) => {
  if (task.result?.state === 'fail') console.log(`seed ${testSeed()}\n${shown.join('\n')}`);
});

function expectGood({ lines, wrong }: Outcome): void {
  shown = lines;
  expect(wrong).toEqual([]);
}

it('workers, Redis and PostgreSQL die, one worker wakes up beside its successor: every copy is there once, and the verdict would see if not', async () => {
  let broken: readonly RegExp[] = [];
  let verdict: Verdict | undefined;
  const outcome = await stormRound(services, testSeed(), 1, {
    itemsPerDay: 200,
    blows: ['kill a worker', 'empty Redis', 'pause a worker', 'kill PostgreSQL', 'kill a worker'],
    afterwards: async (world) => {
      broken = await breakThings(world);
      verdict = await judge(world);
    },
  });
  expectGood(outcome);
  expect(outcome.verdict?.owed).toBeGreaterThan(40);
  // Otherwise nothing of what this test is about has happened.
  expect(outcome.doubts.inDoubt).toBeGreaterThan(0);
  expect(outcome.doubts.lookedUp).toBeGreaterThan(0);
  for (const sentence of broken) expect(verdict?.wrong.join('\n')).toMatch(sentence);
  expect(verdict?.surplus).toBe(1);
  expect(verdict?.wrong).toHaveLength(9);
}, 600_000);

it('a worker dies between two requests of one message, early and late', async () => {
  const outcome = await stepsRound(services, testSeed(), 1, (draw, steps) => [
    draw.between(2, 5),
    draw.between(5, steps + 1),
  ]);
  expectGood(outcome);
  expect(outcome.lines.filter((line) => line.includes('killed at'))).toHaveLength(2);
}, 600_000);

/** @returns what the verdict must say of each */
async function breakThings({ cloud, clients: { graph }, ledger }: World): Promise<RegExp[]> {
  const mailboxes = await readMailboxes(graph);
  const all = [...mailboxes].flatMap(([userId, messages]) => messages.map((message) => ({ userId, ...message })));
  const texts = await ledger.rows<{ id: string }>(`SELECT source_item_id AS id FROM item WHERE type = 'sms'`);
  const hasText = new Set(texts.map(({ id }) => id));
  // A call has no text that another could have.
  const [plain, other] = all.filter(({ hasAttachments, itemId }) => !hasAttachments && hasText.has(itemId));
  const withAttachments = all.find(({ hasAttachments }) => hasAttachments);
  if (!plain || !other || !withAttachments) throw new Error('the import is too small for this test');

  await cloud.control('POST', `mailboxes/${plain.userId}/messages/${encodeURIComponent(plain.id)}/delete`, {});

  const folderId = await archiveFolder(graph, other.userId);
  await graph.request({
    method: 'POST',
    url: `/users/${other.userId}/mailFolders/${encodeURIComponent(folderId ?? '')}/messages`,
    body: {
      subject: 'once more',
      internetMessageHeaders: [{ name: 'x-archive-item-id', value: encodeURIComponent(other.itemId) }],
    },
  });

  const message = `/users/${withAttachments.userId}/messages/${encodeURIComponent(withAttachments.id)}`;
  const body = {
    '@odata.type': '#microsoft.graph.fileAttachment',
    name: 'twice.bin',
    contentBytes: Buffer.from('twice').toString('base64'),
  };
  await graph.request({ method: 'POST', url: `${message}/attachments`, body });

  await ledger.pool.query(
    `INSERT INTO alert (organization_id, connector_id, code) SELECT organization_id, id, 'does_not_balance' FROM connector`,
  );
  await ledger.pool.query(
    `UPDATE import_counter SET count = count + 1 WHERE ctid = (SELECT ctid FROM import_counter
       WHERE outcome = 'copies.imported' AND count > 0 LIMIT 1)`,
  );
  // The database would refuse a gap.
  await ledger.pool.query('ALTER TABLE import_window DROP CONSTRAINT import_window_no_gap');
  await ledger.pool.query(
    `UPDATE import_window SET ends_at = ends_at - interval '1 second' WHERE id = (SELECT min(id) FROM import_window)`,
  );
  return [
    /a window begins at .*, the one before ends at/,
    /missing: /,
    /2 times: /,
    // What was posted twice above has no text.
    /text: .* has another/,
    /attachments: .* has 2 of 1, or others/,
    /its message is not in the mailbox/,
    /the alert does_not_balance is open/,
    /does not add up/,
    /the ledger counts \d+ copies as imported, owed are/,
  ];
}
