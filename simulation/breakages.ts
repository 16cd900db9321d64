/**
 * The protocol broken by hand, each rule of it apart. The simulation must find every one of these; `docs/simulation.md`
 * says after how many seeds it did.
 */
import type { Change } from './changed-sources.ts';

export interface Breakage {
  readonly name: string;
  readonly changes: readonly Change[];
}

const deliver = 'lib/imports/deliver.ts';
const lookUp = 'lib/imports/delivery/look-up.ts';
const send = 'lib/imports/delivery/send.ts';

export const breakages: readonly Breakage[] = [
  {
    name: 'send-again-at-once',
    changes: [
      {
        file: send,
        find: "this.#work.settle(delivery, { state: 'sending', inSeconds: 0, absent: false });",
        replace: 'this.#work.handBack(ready, 0);',
      },
    ],
  },
  {
    name: 'absent-without-looking',
    changes: [
      {
        file: lookUp,
        find: 'const [messageId] = await copiesOf(work, ready);',
        replace: 'const messageId = undefined as string | undefined; void copiesOf;',
      },
    ],
  },
];
