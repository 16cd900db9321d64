/**
 * Which faults a world knows, and how often each is met. Every seed has a weather of its own: some faults often, some
 * never, because what breaks in a storm of one kind hides in a storm of all kinds.
 */
import type { Random } from './random.ts';

export interface GraphWeather {
  /** the connection is not made */
  readonly notSent: number;
  /** refused at the door with a time to wait: 429, 503 */
  readonly throttled: number;
  /** 500, 502, 503, 504: it may have happened, may happen later, or never */
  readonly gateway: number;
  /** the connection breaks, with the same three outcomes */
  readonly reset: number;
  /** no answer comes before the client gives up, with the same three outcomes */
  readonly hang: number;
  /** carried out, and the answer cannot be read */
  readonly unreadable: number;
  /** a batch is refused as a whole */
  readonly batchRefused: number;
  /** requests that take as long as a client waits */
  readonly slow: number;
  /** upload sessions that are gone before their file is whole, now and then */
  readonly sessionsExpire: number;
  /** the token has run out before its time */
  readonly tokenRefused: number;
  /** a search does not see the last seconds */
  readonly staleSearch: number;
  /** of late effects those at the very end of what is allowed */
  readonly lateAtTheEnd: number;
  /** a write takes effect later than anybody allows for: only the sweep a day later can mend that */
  readonly beyondAllowance: number;
}

export interface LinkWeather {
  readonly lostBefore: number;
  readonly lostAfter: number;
  readonly slow: number;
}

export interface SourceWeather extends LinkWeather {
  readonly throttled: number;
  readonly badAnswer: number;
  readonly cursorExpired: number;
  readonly attachmentNotReady: number;
  /** long outages in the run */
  readonly outages: number;
}

export interface ProcessWeather {
  /** mean milliseconds between two of them in one process; 0: never */
  readonly killEveryMs: number;
  readonly pauseEveryMs: number;
  readonly stopEveryMs: number;
  /** how often a call to the outside is the moment at which its process ends or stands still */
  readonly strikesAtCall: number;
  /** how often a process falls asleep at a request to Graph, until others have taken over from it */
  readonly sleepsAtGraph: number;
  readonly queueLossEveryMs: number;
  readonly queueAwayEveryMs: number;
}

export interface Weather {
  readonly graph: GraphWeather;
  readonly ledger: LinkWeather;
  readonly staging: LinkWeather;
  readonly source: SourceWeather;
  readonly process: ProcessWeather;
}

/** Probabilities of a fault: mostly absent, sometimes rare, sometimes common. */
function sometimes(random: Random, rare: number, common: number): number {
  const kind = random.next();
  return kind < 0.45 ? 0 : kind < 0.8 ? rare : common;
}

const MINUTE = 60_000;

function every(random: Random, often: number, seldom: number): number {
  return random.chance(0.4) ? 0 : random.skewed(often, seldom);
}

export function weatherOf(random: Random): Weather {
  const some = (rare: number, common: number): number => sometimes(random, rare, common);
  const beyond = random.chance(0.08);
  const sleepers = random.chance(0.15);
  const laggards = random.chance(0.12);
  // Who sleeps is dangerous with an answer in its pocket that is not true any more.
  const oftenIf = (often: boolean, otherwise: number): number => (often ? Math.max(0.15, otherwise) : otherwise);
  return {
    graph: {
      notSent: some(0.01, 0.1),
      throttled: oftenIf(sleepers, some(0.02, 0.2)),
      gateway: oftenIf(sleepers || laggards, some(0.02, 0.25)),
      reset: oftenIf(sleepers || laggards, some(0.02, 0.25)),
      hang: some(0.01, 0.15),
      unreadable: some(0.01, 0.05),
      batchRefused: some(0.01, 0.1),
      slow: some(0.02, 0.2),
      sessionsExpire: some(0.1, 0.5),
      tokenRefused: some(0.005, 0.03),
      staleSearch: laggards ? 0.8 : some(0.1, 0.5),
      lateAtTheEnd: laggards ? 0.95 : 0.5,
      beyondAllowance: beyond ? 0.3 : 0,
    },
    ledger: { lostBefore: some(0.002, 0.02), lostAfter: some(0.002, 0.02), slow: some(0.005, 0.03) },
    staging: { lostBefore: some(0.005, 0.04), lostAfter: some(0.005, 0.04), slow: some(0.005, 0.03) },
    source: {
      lostBefore: some(0.02, 0.1),
      lostAfter: some(0.02, 0.1),
      slow: some(0.01, 0.1),
      throttled: some(0.02, 0.15),
      badAnswer: some(0.01, 0.05),
      cursorExpired: some(0.02, 0.15),
      attachmentNotReady: some(0.05, 0.4),
      outages: random.chance(0.15) ? random.whole(1, 3) : 0,
    },
    process: {
      killEveryMs: every(random, 5_000, 60 * MINUTE),
      pauseEveryMs: every(random, 5_000, 60 * MINUTE),
      stopEveryMs: every(random, MINUTE, 120 * MINUTE),
      strikesAtCall: some(0.003, 0.02),
      sleepsAtGraph: sleepers ? 0.15 : 0,
      queueLossEveryMs: every(random, 5 * MINUTE, 240 * MINUTE),
      queueAwayEveryMs: every(random, 5 * MINUTE, 240 * MINUTE),
    },
  };
}

const NO_LINK: LinkWeather = { lostBefore: 0, lostAfter: 0, slow: 0 };

/** Nothing goes wrong any more. */
export const CALM: Weather = {
  graph: {
    notSent: 0,
    throttled: 0,
    gateway: 0,
    reset: 0,
    hang: 0,
    unreadable: 0,
    batchRefused: 0,
    slow: 0,
    sessionsExpire: 0,
    tokenRefused: 0,
    staleSearch: 0,
    lateAtTheEnd: 0,
    beyondAllowance: 0,
  },
  ledger: NO_LINK,
  staging: NO_LINK,
  source: { ...NO_LINK, throttled: 0, badAnswer: 0, cursorExpired: 0, attachmentNotReady: 0, outages: 0 },
  process: {
    killEveryMs: 0,
    pauseEveryMs: 0,
    stopEveryMs: 0,
    strikesAtCall: 0,
    sleepsAtGraph: 0,
    queueLossEveryMs: 0,
    queueAwayEveryMs: 0,
  },
};
