/** The faults of a storm: which of them a round has, how often and how hard, follows from its seed. */
import type { Draw } from '#sandbox/random.ts';
import type { Cloud, Fault, FaultState } from './cloud.ts';
import { SECONDS } from './world.ts';

/**
 * A request whose client gave up takes effect at most so much later, and a batch, which goes through in five turns, by
 * what delays its creates: together well within the allowance of the product, for a machine that is busy.
 */
const AFTER_GIVING_UP_MS = 600;
const TIMEOUT_MS = SECONDS.graphTimeout * 1000;

type Graph = Pick<Fault, 'route' | 'rate' | 'count'>;

const batch: Graph = { route: 'POST /v1.0/$batch', rate: 0.06, count: 4 };
const create: Graph = { route: 'POST /v1.0/users/*/mailFolders/*/messages', rate: 0.03, count: 20 };
const read: Graph = { route: 'GET /v1.0/users/*/*', rate: 0.05, count: 8 };
const folder: Graph = { route: 'POST /v1.0/users/*/mailFolders', rate: 0.1, count: 4 };
const attach: Graph = { route: 'POST /v1.0/users/*/messages/*/attachments*', rate: 0.15, count: 4 };
const put: Graph = { route: 'PUT /uploads/*', rate: 0.15, count: 4 };

/** Each is in a round's weather or not. What it is not asked for is left to the sandbox's own words. */
function candidates(draw: Draw): readonly Fault[] {
  const later = (): number => draw.between(200, AFTER_GIVING_UP_MS);
  /** answered, or done, some time around the moment at which the client gives up */
  const aroundTimeout = (): number => draw.between(TIMEOUT_MS - 1200, TIMEOUT_MS + AFTER_GIVING_UP_MS);
  const refused = { kind: 'refuse', status: 503, code: 'ServiceUnavailable' } as const;
  const throttled = (): Fault['fault'] => ({ kind: 'throttle', retryAfter: draw.between(1, 4) });
  const graph = (of: Graph, fault: Fault['fault']): Fault => ({ service: 'graph', ...of, fault });
  const source = (route: string, count: number, fault: Fault['fault'], rate = 1): Fault => ({
    service: 'telemessage',
    route,
    rate,
    count,
    after: draw.between(0, 3),
    fault,
  });
  return [
    ...[batch, create, read, folder, attach, put].flatMap((of) => [
      graph(of, refused),
      graph(of, { kind: 'reset-after' }),
      graph(of, { kind: 'delay', ms: of === create ? draw.between(50, 300) : aroundTimeout() }),
    ]),
    ...[batch, create, attach].map((of) => graph(of, { kind: 'commit-late', ms: later() })),
    ...[batch, create, put].map((of) => graph(of, throttled())),
    ...[batch, read, put].flatMap((of) => [graph(of, { kind: 'reset-before' }), graph(of, { kind: 'truncate' })]),
    graph(batch, { kind: 'answer-late', ms: aroundTimeout() }),
    graph({ ...batch, count: 2 }, { kind: 'no-answer' }),
    graph({ ...batch, count: 2 }, { kind: 'stall' }),
    // Only what may be done twice: a create that Graph carries out twice by itself is nobody's to prevent.
    graph(folder, { kind: 'duplicate' }),
    graph(read, { kind: 'duplicate' }),
    graph({ route: '* /v1.0/*', rate: 0.02, count: 3 }, { kind: 'expire' }),
    ...(['truncate', 'reset-after', 'reset-before'] as const).map((kind) =>
      source('GET /v1/attachments/*', 4, { kind }, 0.1),
    ),
    source('GET /v1/archives/*/items', 1, { kind: 'truncate' }),
    source('GET /v1/archives/*/items', 1, { kind: 'duplicate' }),
    source('GET /v1/archives/*/items', 1, throttled()),
    source('GET /v1/archives/*/manifest', 1, refused),
    source('* /v1/*', 2, { kind: 'expire' }, 0.05),
    { service: 'entra', route: 'POST /*/oauth2/v2.0/token', count: 1, fault: { kind: 'expire' } },
    { service: 'entra', route: 'POST /*/oauth2/v2.0/token', count: 1, fault: { kind: 'reset-before' } },
  ];
}

/** Counts requests and strikes none. */
const ONLY_COUNTED = 1_000_000_000;

/** A collector that was refused waits for ten seconds and then for longer: a few of these make a round long enough. */
const RARER = 0.4;

export interface Weather {
  /** attachments that were asked for so far */
  attachmentsAsked(): Promise<number>;
  /** Ends the faults. @returns each that struck, as `kind route: n`, in order of their number */
  clear(): Promise<readonly string[]>;
}

/** Sets faults in force. @param share of the possible ones, 0 to 1 */
export async function makeWeather(cloud: Cloud, draw: Draw, share: number): Promise<Weather> {
  const counting = await cloud.addFault({
    service: 'telemessage',
    route: 'GET /v1/attachments/*',
    after: ONLY_COUNTED,
    fault: { kind: 'reset-before' },
  });
  const chosen = candidates(draw).filter(({ service }) => draw.chance(service === 'graph' ? share : share * RARER));
  // Of several that fit a request the first one strikes, so their order is part of the weather.
  const shuffled = chosen.map((fault) => ({ fault, at: draw.fraction() })).sort((a, b) => a.at - b.at);
  const ids: string[] = [];
  for (const { fault } of shuffled) ids.push(await cloud.addFault(fault));
  const stateOf = async (id: string): Promise<FaultState | undefined> =>
    (await cloud.faults()).find((one) => one.id === id);
  return {
    attachmentsAsked: async () => (await stateOf(counting))?.seen ?? 0,
    clear: async () => {
      const all = await cloud.faults();
      for (const id of ids) await cloud.removeFault(id);
      return all
        .filter(({ id, struck }) => ids.includes(id) && struck > 0)
        .sort((a, b) => b.struck - a.struck)
        .map(({ service, route, fault, struck }) => `${fault.kind} ${service} ${route}: ${struck}`);
    },
  };
}
