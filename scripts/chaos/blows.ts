/** What a storm does to the parts of a round. Each says what it did, for the report. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Draw } from '#sandbox/random.ts';
import type { Member } from './crew.ts';
import { LINES, SECONDS, type World } from './world.ts';

export const BLOWS = [
  'kill a worker',
  'kill all workers',
  'pause a worker',
  'kill Redis',
  'empty Redis',
  'pause Redis',
  'kill PostgreSQL',
  'shut PostgreSQL down',
  'pause PostgreSQL',
  'cut a line',
  'silence a line',
] as const;
export type Blow = (typeof BLOWS)[number];

/** What a blow did, and what it leaves to be waited for. */
export interface Done {
  readonly what: string;
  /** a line for the report, when what goes on beside the storm has ended */
  readonly later?: Promise<string>;
}

/** Strikes. Returns as soon as the storm can go on. */
export async function strike(blow: Blow, world: World, draw: Draw): Promise<Done> {
  const { crew, services, ledger, lines } = world;
  switch (blow) {
    case 'kill a worker': {
      const victim = await busiest(world, draw);
      const sending = await ledger.sending();
      await crew.kill(victim);
      return { what: `worker ${victim.number} killed, ${copies(sending)} under way` };
    }
    case 'kill all workers': {
      const sending = await ledger.sending();
      const all = crew.running;
      await Promise.all(all.map((member) => crew.kill(member)));
      return { what: `all ${all.length} workers killed, ${copies(sending)} under way` };
    }
    case 'pause a worker':
      return pause(world, draw);
    case 'kill Redis':
      await services.crash('redis', 'SIGKILL');
      return { what: 'Redis killed and started again' };
    case 'empty Redis':
      await services.emptyRedis();
      return { what: 'Redis emptied' };
    case 'kill PostgreSQL':
      await services.crash('postgres', 'SIGKILL');
      return { what: 'PostgreSQL killed and started again' };
    case 'shut PostgreSQL down':
      // "immediate shutdown": ends sessions at once and leaves the rest to recovery.
      await services.crash('postgres', 'SIGQUIT');
      return { what: 'PostgreSQL shut down at once and started again' };
    case 'pause Redis':
    case 'pause PostgreSQL': {
      const service = blow === 'pause Redis' ? 'redis' : 'postgres';
      const ms = longerThanALease(draw);
      return {
        what: `${blow.slice('pause '.length)} paused for ${ms} ms`,
        later: services.pause(service, ms).then(() => `${blow.slice('pause '.length)} went on`),
      };
    }
    case 'cut a line': {
      const name = draw.pick(LINES);
      return { what: `${lines[name].cut()} connections to ${name} cut` };
    }
    case 'silence a line': {
      const name = draw.pick(LINES);
      const ms = draw.chance(0.5) ? draw.between(500, (SECONDS.graphTimeout + 1) * 1000) : longerThanALease(draw);
      return { what: `${lines[name].silence(ms)} connections to ${name} silent for ${ms} ms` };
    }
  }
}

/** Long enough that leases run out, and what was in doubt may be looked up, while it lasts. */
function longerThanALease(draw: Draw): number {
  return draw.between((SECONDS.lease + 1) * 1000, (SECONDS.lease + SECONDS.lateCommit + 2) * 1000);
}

/** SIGSTOP in the middle of its work; SIGCONT when others have its work. */
async function pause(world: World, draw: Draw): Promise<Done> {
  const { crew, ledger } = world;
  const sleeper = await busiest(world, draw);
  crew.pause(sleeper);
  const held = (await ledger.holders()).find(({ pid }) => pid === sleeper.pid);
  crew.start();
  const what = `worker ${sleeper.number} paused, ${copies(held?.sending ?? 0)} under way in ${held?.shards.length ?? 0} shards`;
  return { what, later: wakeLater(world, sleeper, held) };
}

async function wakeLater(
  { crew, ledger }: World,
  sleeper: Member,
  held: { readonly shards: readonly number[]; readonly epochs: readonly string[] } | undefined,
): Promise<string> {
  // Beyond the lease in any case, and until its shards are others', where anything is to be done in them.
  const beyond = Date.now() + (SECONDS.lease + 1) * 1000;
  const atMost = Date.now() + (SECONDS.lease + SECONDS.lateCommit) * 3000;
  let left = held?.shards.length ?? 0;
  while (Date.now() < beyond || (left > 0 && Date.now() < atMost)) {
    await sleep(100);
    if (held) left = await ledger.leasesLeft(held.shards, held.epochs);
  }
  crew.resume(sleeper);
  const taken = (held?.shards.length ?? 0) - left;
  return `worker ${sleeper.number} woke up, ${taken} of its shards are others'`;
}

/** An awake worker that has copies under way, where there is one within a while; any other else. */
async function busiest({ crew, ledger }: World, draw: Draw): Promise<Member> {
  for (let attempt = 0; attempt < 40; attempt++) {
    const busy = (await ledger.holders())
      .filter(({ sending }) => sending > 0)
      .flatMap(({ pid }) => crew.awake.find((member) => member.pid === pid) ?? []);
    const [first, ...others] = busy;
    if (first) return draw.pick([first, ...others]);
    await sleep(10);
  }
  const [first, ...others] = crew.awake.length > 0 ? crew.awake : [crew.start()];
  return draw.pick([first ?? crew.start(), ...others]);
}

function copies(count: number): string {
  return `${count} ${count === 1 ? 'copy' : 'copies'}`;
}
