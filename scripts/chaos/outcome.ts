/** The end of a round: nothing goes wrong any more, the workers finish, and what came of it is looked at. */
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { PAGES_READ } from '#lib/imports/collect.ts';
import { LOOKED_UP } from '#lib/imports/delivery/look-up.ts';
import { judge, type Verdict } from './verdict.ts';
import { SECONDS, type World } from './world.ts';

/** Nothing waits longer than this once all is well again, backoff after several failures in a row included. */
const FINISH_MS = 240_000;
/** What was sent before the end of the storm has taken effect by then, where it ever does. */
const QUIET_MS = (SECONDS.graphTimeout + SECONDS.lateCommit) * 1000;

export interface Doubts {
  /** copies that ever were in doubt */
  readonly inDoubt: number;
  readonly lookedUp: number;
  readonly found: number;
  readonly absent: number;
  readonly sentAgain: number;
}

export interface Outcome {
  /** what happened, a line each */
  readonly lines: readonly string[];
  readonly doubts: Doubts;
  readonly verdict: Verdict | null;
  /** what is wrong, a line each; empty is a good round */
  readonly wrong: readonly string[];
}

/** Lets the workers finish and judges. @param lines what happened so far */
export async function settle(world: World, lines: readonly string[]): Promise<Outcome> {
  const began = Date.now();
  while ((await world.ledger.isUnderWay()) || Date.now() - began < QUIET_MS) {
    if (Date.now() - began > FINISH_MS) {
      const wrong = [`not done ${FINISH_MS / 1000} s after the end of the storm`, ...(await world.ledger.stuck())];
      return { lines, doubts: await doubtsOf(world), verdict: null, wrong };
    }
    await sleep(150);
  }
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  const doubts = await doubtsOf(world);
  const ends = await world.crew.stop();
  const verdict = await judge(world);
  const own = world.crew.ownEnds;
  const fatal = logged(world).filter(({ level }) => level >= 60).length;
  return {
    lines: [
      ...lines,
      `${handedOver(world)} copies handed over by collectors that lived to say so`,
      `done ${seconds} s after the storm${own > 0 ? `; ${own} times a worker ended by itself` : ''}`,
    ],
    doubts,
    verdict,
    wrong: [...verdict.wrong, ...ends, ...(fatal > 0 ? [`${fatal} fatal lines in the workers' log`] : [])],
  };
}

const lineSchema = z.object({
  level: z.number(),
  msg: z.string().optional(),
  found: z.boolean().optional(),
  looks: z.number().optional(),
  handedOver: z.number().optional(),
});

/** The lines of the workers' log. One that a kill cut short is none. */
function logged({ logFile }: World): z.infer<typeof lineSchema>[] {
  if (!existsSync(logFile)) return [];
  return readFileSync(logFile, 'utf8')
    .split('\n')
    .flatMap((text) => {
      try {
        return [lineSchema.parse(JSON.parse(text))];
      } catch {
        return [];
      }
    });
}

function handedOver(world: World): number {
  const said = logged(world).filter(({ msg }) => msg === PAGES_READ);
  return said.reduce((sum, line) => sum + (line.handedOver ?? 0), 0);
}

async function doubtsOf(world: World): Promise<Doubts> {
  const looks = logged(world).filter(({ msg }) => msg === LOOKED_UP);
  const absent = looks.filter(({ found }) => found === false);
  return {
    inDoubt: await world.ledger.number('SELECT count(*) FROM delivery WHERE doubt > 0'),
    lookedUp: looks.length,
    found: looks.length - absent.length,
    absent: absent.length,
    sentAgain: absent.filter(({ looks: times = 1 }) => times >= 2).length,
  };
}
