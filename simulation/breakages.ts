/**
 * The product broken by hand, each rule of it apart. The simulation must find every one of these; `docs/simulation.md`
 * says after how many seeds it did.
 */
import type { Breakage } from './changed-sources.ts';
import { mended } from './mended.ts';

const deliver = 'lib/imports/deliver.ts';
const lookUp = 'lib/imports/delivery/look-up.ts';
const modelClaims = 'simulation/ledger/claims.ts';
const modelLeases = 'simulation/ledger/leases.ts';
const modelClearing = 'simulation/ledger/clearing.ts';
const modelCollect = 'simulation/ledger/collect.ts';
const clear = 'lib/imports/clear-staging.ts';
const sweepDoubt = 'lib/imports/sweep-doubt.ts';
const modelSettle = 'simulation/ledger/settle.ts';
const send = 'lib/imports/delivery/send.ts';
const problems = 'lib/imports/problems.ts';

const rules: readonly Breakage[] = [
  {
    name: 'send-again-at-once',
    changes: [
      {
        file: send,
        find: "this.#work.settle(delivery, {\n          state: 'sending',",
        replace: "this.#work.handBack(ready, 0);\n        void ({\n          state: 'sending',",
      },
    ],
  },
  {
    name: 'send-again-without-looking',
    changes: [
      {
        file: lookUp,
        find: 'const [messageId] = await copiesOf(work, { ...ready, itemProperty });',
        replace: 'void itemProperty; const messageId = undefined as string | undefined;',
      },
    ],
  },
  {
    // The ledger says pending until the answer is there: who takes over sends again.
    name: 'sending-after-the-request',
    changes: [
      {
        file: modelClaims,
        find: "state: 'sending',",
        replace: "state: 'pending', notBefore: tables.inSeconds(claim.seconds),",
      },
      { file: modelSettle, find: "row.state !== 'sending' && row.state !== 'created'", replace: 'false' },
    ],
  },
  {
    // The same of a page: its copies are sent by who is told of them, and the ledger lets others claim them too.
    name: 'handed-over-without-a-claim',
    changes: [
      {
        file: modelCollect,
        find: "state: epoch === null ? delivery.state : 'sending',",
        replace: 'state: delivery.state,',
      },
      { file: modelSettle, find: "row.state !== 'sending' && row.state !== 'created'", replace: 'false' },
    ],
  },
  {
    name: 'look-up-too-early',
    changes: [
      {
        file: deliver,
        find: '{ ...claim, lateCommitSeconds }',
        replace: '{ ...claim, lateCommitSeconds: 0 * lateCommitSeconds }',
      },
    ],
  },
  {
    name: 'look-up-once',
    changes: [{ file: lookUp, find: 'delivery.lookups >= 1) {', replace: 'delivery.lookups >= 0) {' }],
  },
  {
    name: 'look-up-in-the-folder-only',
    changes: [
      {
        file: 'lib/mailbox/look-up.ts',
        find: '`, property, options)) return [copy.id];',
        replace: '`, property, options)) void copy.id;',
      },
    ],
  },
  {
    name: 'first-page-of-a-look-up-only',
    changes: [
      {
        file: 'lib/mailbox/look-up.ts',
        find: "page = pageAfter(found['@odata.nextLink']);",
        replace: 'page = null; void pageAfter;',
      },
    ],
  },
  {
    name: 'ignore-the-lease',
    changes: [
      {
        file: 'lib/imports/lease-guard.ts',
        find: 'remainingMs: () => (lost ? 0 : validUntil - clock.monotonic())',
        replace:
          'remainingMs: () => (lost ? seconds * 1000 : Math.max(validUntil - clock.monotonic(), seconds * 1000))',
      },
      {
        file: 'lib/imports/delivery/shard-work.ts',
        find: 'const remaining = Math.min(validUntil - now, this.held.remainingMs());',
        replace: 'const remaining = this.held.remainingMs() + 0 * validUntil;',
      },
    ],
  },
  {
    name: 'send-after-a-pause',
    changes: [{ file: 'lib/imports/delivery/shard-work.ts', find: ', notAfter: latest }', replace: ' }' }],
  },
  {
    name: 'epochs-are-not-compared',
    changes: [
      { file: modelLeases, find: 'String(row.epoch) === lease.epoch ? row : undefined', replace: 'row' },
      { file: modelSettle, find: 'String(row.epoch) !== lease.epoch || seen.has(row.id)', replace: 'seen.has(row.id)' },
    ],
  },
  {
    name: 'settle-without-epoch',
    changes: [
      { file: modelSettle, find: 'String(row.epoch) !== lease.epoch || seen.has(row.id)', replace: 'seen.has(row.id)' },
    ],
  },
  {
    name: 'attach-without-listing',
    changes: [{ file: 'lib/mailbox/attach.ts', find: 'if (present.has(attachment.name)) return null;', replace: '' }],
  },
  {
    // Nothing is under way any more, says the protocol, because the session knows: without it, something may be.
    name: 'forget-upload-sessions',
    changes: [
      {
        file: 'lib/mailbox/upload-session.ts',
        find: 'const known = await memory.recall();',
        replace: 'const known = null;',
      },
    ],
  },
  {
    name: 'list-attachments-while-a-part-may-arrive',
    changes: [
      {
        file: 'lib/imports/delivery/complete.ts',
        find: "return { state: 'created', ...created, inSeconds, perhapsUnderWay };",
        replace: "return { state: 'created', ...created, inSeconds, perhapsUnderWay: perhapsUnderWay && false };",
      },
    ],
  },
  {
    name: 'created-is-whole',
    changes: [
      {
        file: send,
        find: 'if (isWholeAtOnce(ready)) this',
        replace: 'if (isWholeAtOnce(ready) || true) this',
      },
    ],
  },
  {
    name: 'clear-what-waits',
    changes: [
      {
        file: clear,
        find: 'Map.groupBy(await deps.ledger.framesToKeep(importId, ids),',
        replace: 'Map.groupBy((await deps.ledger.framesToKeep(importId, ids)).slice(0, 0),',
      },
    ],
  },
  {
    name: 'clear-beside-another-worker',
    changes: [
      { file: modelClearing, find: "tables.imports.find('id', importId)?.pages !== reserved", replace: 'false' },
      { file: clear, find: '? page < first &&', replace: '? page !== reserved &&' },
    ],
  },
  {
    name: 'clear-attachments-of-copies-under-way',
    changes: [
      { file: modelClearing, find: '.some((delivery) => isOpen(tables, delivery));', replace: '.length === 0;' },
    ],
  },
  {
    name: 'sweep-what-is-being-written',
    changes: [
      {
        file: 'lib/imports/sweep-staging.ts',
        find: 'const GRACE_MS = 48 * 60 * 60 * 1000',
        replace: 'const GRACE_MS = 0',
      },
    ],
  },
  {
    name: 'count-a-repeat-twice',
    changes: [{ file: modelCollect, find: 'relisted: Math.max(relisted - page.repeats, 0),', replace: '' }],
  },
  {
    // The manifest mends it a day later; until then somebody is told that the source counts otherwise.
    name: 'a-failed-page-counts-as-read',
    changes: [
      {
        file: 'lib/imports/collect-page.ts',
        find: 'await source.items(run.window, cursor, limit, signal);',
        replace:
          'await source.items(run.window, cursor, limit, signal).catch((): { items: readonly unknown[]; nextCursor: string | null } => ({ items: [], nextCursor: null }));',
      },
    ],
  },
  {
    name: 'a-twin-is-nobodys',
    changes: [{ file: 'lib/imports/page.ts', find: 'if (!before && !twin) {', replace: 'if (!before) {' }],
  },
  {
    name: 'no-look-after-a-day',
    changes: [{ file: sweepDoubt, find: 'if (copies.length > 0) {', replace: 'if (copies.length === 1) {' }],
  },
  {
    name: 'a-day-later-the-known-copy-goes',
    changes: [{ file: sweepDoubt, find: 'copy.id !== ours.messageId &&', replace: 'copy.id === ours.messageId &&' }],
  },
  {
    name: 'only-the-queue-knows',
    changes: [
      {
        file: 'lib/imports/tick.ts',
        find: '    deliverDue,\n',
        replace: '',
      },
    ],
  },
  {
    name: 'retry-after-is-ignored',
    changes: [
      {
        file: 'lib/microsoft/graph-errors.ts',
        find: 'const retryAfterSeconds = retryAfterOf(answer.headers, now);',
        replace: 'const retryAfterSeconds = retryAfterOf(answer.headers, now) === null ? null : 0;',
      },
    ],
  },
  {
    name: 'an-unreachable-source-stops-the-connector',
    changes: [
      {
        file: problems,
        find: "unreachable: transient('source_unreachable')",
        replace: "unreachable: customer('source_unreachable')",
      },
    ],
  },
  {
    name: 'a-refused-password-is-tried-on',
    changes: [
      {
        file: problems,
        find: "invalid_credentials: customer('invalid_credentials')",
        replace: "invalid_credentials: transient('invalid_credentials')",
      },
    ],
  },
  {
    name: 'every-second-reconcile-fails',
    changes: [
      {
        file: 'lib/imports/reconcile.ts',
        find: 'const [ready] = await deps.ledger.deliveredImports([importId]);',
        replace: `if (deps.random() < 0.5) throw new TypeError('no reason at all');
  const [ready] = await deps.ledger.deliveredImports([importId]);`,
      },
    ],
  },
  {
    name: 'what-is-there-is-missing',
    changes: [{ file: sweepDoubt, find: 'if (copies.length > 0) {', replace: 'if (copies.length > 1) {' }],
  },
];

export const breakages: readonly Breakage[] = [...rules, ...mended];
