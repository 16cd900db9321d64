/**
 * A round of steps: the worker dies right after the k-th request to Graph that is about one mailbox, for k = 1, 2, 3, …,
 * until a message gets through without a death. Each time it is the same message, in a world that is new: one with a
 * video, so that folder, create, attachments, upload session and every part of it have their turn.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Item } from '#lib/archive/item.ts';
import { sandboxClients } from '#lib/imports/clients.fixture.ts';
import { mailboxesOwed, readFeed } from '#lib/imports/mailboxes.fixture.ts';
import { Draw } from '#sandbox/random.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { type Doubts, type Outcome, settle } from './outcome.ts';
import type { Services } from './services.ts';
import type { Verdict } from './verdict.ts';
import { buildWorld, cloudSettings, type World } from './world.ts';

const LARGE_BYTES = 10_000_000;
/** More requests than any message takes. */
const MOST_STEPS = 60;

/** Whether the request that the worker dies of takes effect before its death or after it. */
const EFFECTS = {
  before: { kind: 'answer-late', ms: 60_000 },
  after: { kind: 'delay', ms: 1000 },
} as const;

/** What a request about a mailbox is, in the order in which a message needs them. */
const STEPS: readonly (readonly [string, string])[] = [
  ['GET /v1.0/users/*/mailFolders', 'list folder'],
  ['POST /v1.0/users/*/mailFolders', 'create folder'],
  ['POST /v1.0/users/*/mailFolders/*/messages', 'create message'],
  ['GET /v1.0/users/*/messages/*/attachments', 'list attachments'],
  ['POST /v1.0/users/*/messages/*/attachments', 'add attachment'],
  ['POST /v1.0/users/*/messages/*/attachments/createUploadSession', 'create upload session'],
  ['PUT /uploads/*', 'put part'],
];

/** @param only which k to try, of so many that a message takes; all where it is missing */
export async function stepsRound(
  services: Services,
  seed: number,
  round: number,
  only?: (draw: Draw, steps: number) => readonly number[],
): Promise<Outcome> {
  const draw = new Draw('chaos steps', seed, round);
  const effect = draw.chance(0.5) ? 'before' : 'after';
  const settings = { seed: draw.between(1, 1_000_000), itemsPerDay: 500, graphLatencyMs: 20 };
  const cloud = await startCloud(services.folder, cloudSettings(settings));
  try {
    // The message comes into the same mailbox for every k: 150 MB in five minutes are soon used up, and would be waited for.
    await cloud.control('PATCH', 'limits', { mailboxUploadBytes: 1e15 });
    const { item, owner, bytes } = await largeMessage(cloud);
    const lines = [
      `one message with ${(bytes / 1e6).toFixed(1)} MB; the worker dies ${effect === 'before' ? 'after' : 'before'} its request takes effect`,
    ];
    const outcomes: Outcome[] = [];
    const chosen = only?.(draw, stepsOf(bytes));
    for (let k = 1; k <= MOST_STEPS; k++) {
      if (chosen && k > Math.max(...chosen)) break;
      if (chosen && !chosen.includes(k)) continue;
      const archived = Date.parse(item.archivedTime);
      const world = await buildWorld(
        services,
        {
          ...settings,
          firstImportFrom: new Date(archived),
          settleLagSeconds: (Date.now() - archived) / 1000 - 1,
        },
        cloud,
      );
      try {
        const step = await dieAfter(world, owner, k, EFFECTS[effect]);
        const outcome = await settle(world, []);
        outcomes.push(outcome);
        lines.push(step === null ? `k = ${k}: got through without a death` : `k = ${k}: killed at "${step}"`);
        if (step === null || outcome.wrong.length > 0) break;
      } finally {
        await world.end();
      }
      if (k === MOST_STEPS) outcomes.push({ ...NOTHING, wrong: ['no message got through without a death'] });
    }
    return together(lines, outcomes);
  } finally {
    await cloud.stop();
  }
}

/** Whether there is a mailbox, the folder (2), create, list, session, and the parts of 3.75 MiB. */
function stepsOf(bytes: number): number {
  return 6 + Math.ceil(bytes / (12 * 320 * 1024));
}

/** The message with the smallest large attachment of the last day, and somebody who is owed it. */
async function largeMessage(cloud: Cloud): Promise<{ item: Item; owner: string; bytes: number }> {
  const { source } = sandboxClients(cloud.addresses);
  const { settledThrough: to } = await source.clock();
  const items = await readFeed(source, [{ from: new Date(to.getTime() - 48 * 3_600_000), to }]);
  const large = [...items.values()]
    .flatMap((item) => item.attachments.map(({ size }) => ({ item, bytes: size, owner: [...mailboxesOwed(item)][0] })))
    .filter(({ bytes, owner }) => bytes > LARGE_BYTES && owner !== undefined)
    .sort((a, b) => a.bytes - b.bytes);
  const [first] = large;
  if (first?.owner === undefined) throw new Error('no message of two days has a large attachment');
  return { ...first, owner: first.owner };
}

/** @returns at which request the workers that had it died; null where the import got through before */
async function dieAfter(
  { cloud, crew, ledger }: World,
  mailbox: string,
  k: number,
  fault: (typeof EFFECTS)[keyof typeof EFFECTS],
): Promise<string | null> {
  const uncounted = new Map<string, string>();
  for (const [route, name] of STEPS) {
    const id = await cloud.addFault({ service: 'graph', route, mailbox, after: 1_000_000_000, fault });
    uncounted.set(id, name);
  }
  const deadly = await cloud.addFault({ service: 'graph', route: '*', mailbox, after: k - 1, count: 1, fault });
  const remove = async (): Promise<void> => {
    for (const id of [deadly, ...uncounted.keys()]) await cloud.removeFault(id);
  };
  crew.start();
  crew.start();
  const before = new Map<string, number>();
  while (await ledger.isUnderWay()) {
    const states = await cloud.faults();
    if ((states.find(({ id }) => id === deadly)?.struck ?? 0) > 0) {
      const last = states.find(({ id, seen }) => uncounted.has(id) && seen > (before.get(id) ?? 0));
      const holders = (await ledger.holders()).flatMap(({ pid }) => crew.byPid(pid) ?? []);
      const victims = holders.length > 0 ? holders : crew.running;
      await Promise.all(victims.map((victim) => crew.kill(victim)));
      await remove();
      return uncounted.get(last?.id ?? '') ?? 'another request';
    }
    for (const { id, seen } of states) before.set(id, seen);
    await sleep(10);
  }
  await remove();
  return null;
}

const NOTHING: Outcome = {
  lines: [],
  doubts: { inDoubt: 0, lookedUp: 0, found: 0, absent: 0, sentAgain: 0 },
  verdict: null,
  wrong: [],
};

function together(lines: readonly string[], outcomes: readonly Outcome[]): Outcome {
  const sum = (of: (doubts: Doubts) => number): number => outcomes.reduce((total, { doubts }) => total + of(doubts), 0);
  const verdicts = outcomes.flatMap(({ verdict }) => verdict ?? []);
  const add = (of: (verdict: Verdict) => number): number => verdicts.reduce((total, one) => total + of(one), 0);
  return {
    lines,
    doubts: {
      inDoubt: sum(({ inDoubt }) => inDoubt),
      lookedUp: sum(({ lookedUp }) => lookedUp),
      found: sum(({ found }) => found),
      absent: sum(({ absent }) => absent),
      sentAgain: sum(({ sentAgain }) => sentAgain),
    },
    verdict:
      verdicts.length === 0
        ? null
        : {
            items: add(({ items }) => items),
            owed: add(({ owed }) => owed),
            mailboxes: add(({ mailboxes }) => mailboxes),
            attachments: add(({ attachments }) => attachments),
            surplus: add(({ surplus }) => surplus),
            wrong: verdicts.flatMap(({ wrong }) => wrong),
          },
    wrong: outcomes.flatMap(({ wrong }) => wrong),
  };
}
