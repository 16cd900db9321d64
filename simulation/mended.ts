/** What the simulation found, undone again: each as it was until it was mended, so that it is still found. */
import type { Breakage } from './changed-sources.ts';

const modelClearing = 'simulation/ledger/clearing.ts';
const clear = 'lib/imports/clear-staging.ts';
const send = 'lib/imports/delivery/send.ts';
const pauses = 'lib/imports/delivery/pauses.ts';

export const mended: readonly Breakage[] = [
  {
    name: 'a-message-twice-is-silent',
    changes: [
      {
        file: 'lib/imports/sweep-doubt.ts',
        find: "delivery.state === 'skipped' && delivery.userId === userId",
        replace: 'false',
      },
    ],
  },
  {
    name: 'take-what-is-in-hand',
    changes: [
      { file: 'lib/imports/delivery/shard-work.ts', find: 'if (this.#inHand.has(key)) return false;', replace: '' },
    ],
  },
  {
    name: 'a-refused-token-fails-messages',
    changes: [{ file: send, find: ' || SAYS_NOTHING.has(error.failure)', replace: '' }],
  },
  {
    name: 'forget-the-content-of-a-repeat',
    changes: [
      {
        file: modelClearing,
        find: "if (outcome === 'repeat') return copies.some((row) => isOpen(tables, row));",
        replace: "if (outcome === 'repeat') return false;",
      },
    ],
  },
  {
    name: 'forget-the-content-behind-a-partial-copy',
    changes: [
      {
        file: modelClearing,
        find: "        other.state !== 'skipped',",
        replace: "        other.state !== 'partially_imported' &&\n        other.state !== 'skipped',",
      },
    ],
  },
  {
    name: 'ask-whatever-came-with-the-token',
    changes: [
      {
        file: 'lib/microsoft/graph.ts',
        find: '    options.beforeSending?.();\n    let answer',
        replace: '    let answer',
      },
    ],
  },
  {
    name: 'a-shutdown-fails-the-reconciliation',
    changes: [
      {
        file: 'lib/imports/reconcile.ts',
        find: '    if (signal.aborted) return;\n    const problem',
        replace: '    const problem',
      },
    ],
  },
  {
    name: 'a-shutdown-ends-the-deadline',
    changes: [{ file: send, find: '...(result.error === null ? { perhapsUnderWay: true } : {}),', replace: '' }],
  },
  {
    name: 'any-404-is-the-message',
    changes: [
      {
        file: 'lib/imports/delivery/complete.ts',
        find: "return error.code === 'Http404' ? null : 'removed_meanwhile';",
        replace: "return 'removed_meanwhile';",
      },
    ],
  },
  {
    name: 'a-conflict-that-breaks-off-fails-messages',
    changes: [
      {
        file: 'lib/microsoft/graph-errors.ts',
        find: "    case 409:\n      return 'folder_exists';\n",
        replace: '',
      },
    ],
  },
  {
    name: 'clear-while-copies-are-on-their-way',
    changes: [
      { file: modelClearing, find: "if (counted(tables, importId, 'copies.pending') !== 0) return null;", replace: '' },
    ],
  },
  {
    name: 'a-pause-ends-with-its-run',
    changes: [
      {
        file: pauses,
        find: 'const known = memories.get(graph) ?? new Map<Whom, number>();',
        replace: 'const known = new Map<Whom, number>();',
      },
    ],
  },
  {
    name: 'look-ups-do-not-wait',
    changes: [
      {
        file: 'lib/imports/delivery/single-copies.ts',
        find: 'of this.#waiting.filter(({ delivery }) => delivery.userId === userId)) {',
        replace: 'of this.#waiting.slice(0, 0)) {',
      },
      { file: pauses, find: 'if (seconds > 0) throw errorOfPause(seconds);', replace: 'void errorOfPause;' },
    ],
  },
  {
    name: 'an-unreadable-list-ends-the-sweep',
    changes: [
      {
        file: 'lib/mailbox/look-up.ts',
        find: 'bodyOf(answer, messagesSchema)',
        replace: '(void bodyOf, messagesSchema.parse(answer.body))',
      },
    ],
  },
  {
    name: 'what-is-delivered-misses-its-content',
    changes: [
      {
        file: modelClearing,
        find: "row?.page === page && (row.state === 'sending' || row.state === 'created')",
        replace: 'row?.page === page',
      },
    ],
  },
  {
    name: 'two-clearings-make-a-failure',
    changes: [{ file: clear, find: '      if (error instanceof StagedContentMissingError) return null;', replace: '' }],
  },
  {
    name: 'forget-the-content-of-a-partial-item',
    changes: [
      {
        file: modelClearing,
        find: 'return isPartial && !isWhole;',
        replace: 'return isPartial && false && !isWhole;',
      },
    ],
  },
  {
    name: 'a-retried-fallback-copy-counts-twice',
    changes: [
      {
        file: 'simulation/ledger/undone.ts',
        find: "fallback: row.rule === 'fallback' };",
        replace: 'fallback: false };',
      },
    ],
  },
  {
    name: 'a-pause-comes-last',
    changes: [
      {
        file: send,
        find: 'of answered.toSorted((a, b) => Number(isPause(b)) - Number(isPause(a)))) {',
        replace: 'of answered) { void isPause;',
      },
    ],
  },
  {
    name: 'alone-in-spite-of-a-pause',
    changes: [
      {
        file: send,
        find: 'halted || pauses.secondsOf(userId) > 0 ? null',
        replace: 'halted ? null',
      },
    ],
  },
  {
    name: 'a-lost-lease-reads-on',
    changes: [
      {
        file: 'lib/imports/delivery/shard-work.ts',
        find: "if (this.held.remainingMs() <= 0) throw new DeadlineOverError('the lease is over');",
        replace: '',
      },
    ],
  },
  {
    name: 'a-shutdown-damages-content',
    changes: [
      {
        file: send,
        find: 'if (this.#work.hardStop.aborted) {',
        replace: 'if (this.#work.hardStop.aborted && false) {',
      },
    ],
  },
  {
    // Their months would not be looked into.
    name: 'a-turn-without-its-content-held',
    changes: [
      {
        file: 'simulation/ledger/twins.ts',
        find: '  reopenClearing(tables, new Set(further.map((row) => row.import_id)));',
        replace: '',
      },
    ],
  },
];
