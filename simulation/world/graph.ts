/**
 * A simulated Graph at the other end of the product's transport: when a request takes effect, and what is said of it,
 * are two things. Every write may happen without an answer, after an answer that says otherwise, late, or never; late is
 * at most the late-commit allowance after the moment at which its client gave up.
 */
import { NoAnswer, NotSent, type Transport, type WireAnswer, type WireRequest } from '#lib/microsoft/transport.ts';
import { type Effect, type Microsoft365, type Reply, refusal, type User } from './mailboxes.ts';
import type { SimulatedProcess } from './process.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { GraphWeather } from './weather.ts';

export interface GraphSettings {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly cloud: Microsoft365;
  readonly weather: () => GraphWeather;
  readonly lateCommitSeconds: number;
  /** whether a token opens the door now */
  readonly admits: (token: string) => boolean;
}

/** A request on its way. */
interface Arrived {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

type Fate = 'ok' | 'throttled' | 'gateway' | 'reset' | 'hang' | 'unreadable' | 'refused' | 'slow';
/** When a write whose answer says nothing takes effect. */
type Happens = 'before' | 'late' | 'never' | 'beyond';

/** The largest wait that Graph asks for in a simulated world, in seconds. */
const LONGEST_WAIT_SECONDS = 300;
/** Graph hands on so many requests of a batch at a time, and takes as many at once of a mailbox. */
const AT_ONCE = 4;
/** As the real transport: so long it waits for an answer where nobody says otherwise. */
const HEADERS_MS = 120_000;
const HOUR_MS = 3_600_000;

export class SimulatedGraph {
  readonly #settings: GraphSettings;

  constructor(settings: GraphSettings) {
    this.#settings = settings;
  }

  /** Graph as one process reaches it. */
  transport(process: SimulatedProcess): Transport {
    return (url, wire) =>
      new Promise((resolve, reject) => {
        const { scheduler, random } = this.#settings;
        const { signal } = wire;
        if (signal?.aborted) return reject(signal.reason);
        process.onCall();
        let open = true;
        const answer = (what: string, give: () => void): void => {
          if (!open) return;
          open = false;
          signal?.removeEventListener('abort', aborted);
          if (scheduler.tracing) scheduler.say(`  ${process.name} < Graph ${what}`);
          give();
        };
        const aborted = (): void => answer('given up', () => reject(signal?.reason));
        signal?.addEventListener('abort', aborted);
        const send = (): void => {
          if (!open) return;
          const { monotonic } = process.clock;
          if (random.chance(this.#settings.weather().notSent)) {
            return answer('not sent', () => reject(new NotSent('simulated')));
          }
          // As the real transport: what waited for its connection is not sent when its time is over.
          if (wire.body !== undefined && wire.notAfter !== undefined && monotonic() > wire.notAfter) {
            return answer('not sent: too late', () => reject(new NotSent('too late')));
          }
          const silence = (): void => answer('no answer in time', () => reject(new NoAnswer('simulated')));
          scheduler.after(HEADERS_MS, '', silence, process);
          const livesMs = wire.notAfter === undefined ? HEADERS_MS : Math.max(0, wire.notAfter - monotonic());
          const respond: Respond = (inMs, result) => {
            const give = (): void => {
              if (result === null) answer('no answer', () => reject(new NoAnswer('simulated')));
              else answer(`${result.status} ${result.text.slice(0, 200)}`, () => resolve(result));
            };
            scheduler.after(inMs, '', give, process);
          };
          this.#receive(url, wire, scheduler.now + livesMs, respond, process.name);
        };
        scheduler.after(random.skewed(1, 30), '', send, process);
      });
  }

  #receive(url: string, wire: WireRequest, givesUpAt: number, respond: Respond, name: string): void {
    const { scheduler, random, admits } = this.#settings;
    if (url.startsWith('https://upload.')) return this.#upload(url, wire, givesUpAt, respond, name);
    const path = url.replace(/^https:\/\/[^/]+\/v1\.0/, '');
    const token = (wire.headers.authorization ?? '').replace('Bearer ', '');
    if (!admits(token) || random.chance(this.#settings.weather().tokenRefused)) {
      return respond(random.skewed(1, 50), wireOf(refusal(401, 'InvalidAuthenticationToken')));
    }
    const body: unknown = typeof wire.body === 'string' && wire.body !== '' ? JSON.parse(wire.body) : undefined;
    const arrived = { method: wire.method, path, body };
    if (scheduler.tracing) scheduler.say(`  ${name} > ${wire.method} ${path} ${(wire.body ?? '').slice(0, 120)}`);
    if (path === '/$batch') this.#batch(body, givesUpAt, respond, name);
    else this.#single(arrived, givesUpAt, respond, name);
  }

  #single(arrived: Arrived, givesUpAt: number, respond: Respond, name: string): void {
    const { scheduler, random } = this.#settings;
    const fate = this.#fate(arrived.path);
    const handle = (happens: Happens): Reply => this.#handle(arrived, happens, name);
    if (fate === 'throttled') return respond(random.skewed(1, 100), wireOf(this.#throttled()));
    if (fate === 'gateway' || fate === 'reset' || fate === 'hang') {
      const answeredAt = fate === 'hang' ? givesUpAt : scheduler.now + random.skewed(5, 5_000);
      this.#happensSometime(arrived, Math.min(answeredAt, givesUpAt), handle);
      if (fate !== 'hang') respond(answeredAt - scheduler.now, fate === 'reset' ? null : wireOf(this.#gatewayFails()));
      return;
    }
    const end = this.#begin(arrived);
    if (end === null) return respond(random.skewed(1, 100), wireOf(this.#tooManyAtOnce()));
    const takesMs = this.#takesMs(fate, givesUpAt);
    scheduler.after(takesMs, '', () => {
      end();
      const reply = wireOf(handle('before'));
      respond(random.skewed(1, 100), fate === 'unreadable' ? { ...reply, text: reply.text.slice(0, 7) } : reply);
    });
  }

  #batch(body: unknown, givesUpAt: number, respond: Respond, name: string): void {
    const { scheduler, random } = this.#settings;
    const { requests } = body as { readonly requests: readonly BatchPart[] };
    const fate = this.#fate('/$batch');
    if (fate === 'throttled') return respond(random.skewed(1, 100), wireOf(this.#throttled()));
    if (fate === 'refused') return respond(random.skewed(1, 100), wireOf(refusal(400, 'BadRequest')));
    const lost = fate === 'gateway' || fate === 'reset' || fate === 'hang';
    const answeredAt = fate === 'hang' ? givesUpAt : scheduler.now + random.skewed(5, 5_000);
    const replies: {
      readonly id: string;
      readonly status: number;
      readonly headers: object;
      readonly body: unknown;
    }[] = [];
    const lanes = Array.from({ length: AT_ONCE }, () => 0);
    let open = requests.length;
    const done = (part: BatchPart, reply: Reply): void => {
      replies.push({ id: part.id, status: reply.status, headers: reply.headers ?? {}, body: reply.body ?? {} });
      if (--open > 0 || lost) return;
      if (fate === 'ok' && random.chance(this.#settings.weather().unreadable)) replies.pop();
      const answer = wireOf({ status: 200, body: { responses: replies } });
      respond(random.skewed(1, 100), fate === 'unreadable' ? { ...answer, text: answer.text.slice(0, 20) } : answer);
    };
    for (const [index, part] of requests.entries()) {
      const arrived = { method: part.method, path: part.url, body: part.body };
      const handle = (happens: Happens): Reply => this.#handle(arrived, happens, name);
      if (lost) {
        this.#happensSometime(arrived, Math.min(answeredAt, givesUpAt), handle);
        continue;
      }
      const lane = index % AT_ONCE;
      const partFate = this.#fate(part.url);
      const startsIn = lanes[lane] ?? 0;
      lanes[lane] =
        startsIn +
        this.#takesMs(fate === 'slow' ? 'slow' : 'ok', givesUpAt) / Math.max(1, Math.ceil(requests.length / AT_ONCE));
      const takesMs = (lanes[lane] ?? 0) - startsIn;
      scheduler.after(startsIn, '', () => {
        if (partFate === 'throttled') return done(part, this.#throttled());
        if (partFate === 'gateway') {
          this.#happensSometime(arrived, Math.min(scheduler.now, givesUpAt), handle);
          return done(part, this.#gatewayFails());
        }
        const end = this.#begin(arrived);
        if (end === null) return done(part, this.#tooManyAtOnce());
        scheduler.after(takesMs, '', () => {
          end();
          done(part, handle('before'));
        });
      });
    }
    if (lost && fate !== 'hang') {
      respond(answeredAt - scheduler.now, fate === 'reset' ? null : wireOf(this.#gatewayFails()));
    }
  }

  #upload(url: string, wire: WireRequest, givesUpAt: number, respond: Respond, name: string): void {
    const { scheduler, random, cloud } = this.#settings;
    const fate = this.#fate('upload');
    const bytes = Buffer.from(wire.body ?? '');
    const handle = (): Reply => {
      const reply = cloud.upload(url, wire.headers['content-range'] ?? '', bytes);
      if (scheduler.tracing) scheduler.say(`  ${name} ! PUT ${url} ${wire.headers['content-range']} = ${reply.status}`);
      return reply;
    };
    if (fate === 'throttled') return respond(random.skewed(1, 100), wireOf(this.#throttled()));
    if (fate === 'gateway' || fate === 'reset' || fate === 'hang') {
      const answeredAt = fate === 'hang' ? givesUpAt : scheduler.now + random.skewed(5, 5_000);
      this.#happensSometime({ method: 'PUT', path: '', body: null }, Math.min(answeredAt, givesUpAt), handle);
      if (fate !== 'hang') respond(answeredAt - scheduler.now, fate === 'reset' ? null : wireOf(this.#gatewayFails()));
      return;
    }
    scheduler.after(this.#takesMs(fate, givesUpAt), '', () => respond(random.skewed(1, 100), wireOf(handle())));
  }

  #fate(path: string): Fate {
    const weather = this.#settings.weather();
    let left = this.#settings.random.next();
    const met = (probability: number): boolean => {
      left -= probability;
      return left < 0;
    };
    if (met(weather.throttled)) return 'throttled';
    if (met(weather.gateway)) return 'gateway';
    if (met(weather.reset)) return 'reset';
    if (met(weather.hang)) return 'hang';
    if (met(weather.unreadable)) return 'unreadable';
    if (met(weather.slow)) return 'slow';
    return path === '/$batch' && met(weather.batchRefused) ? 'refused' : 'ok';
  }

  /** Mostly quick; a slow one takes about as long as its client waits for it. */
  #takesMs(fate: Fate, givesUpAt: number): number {
    const { scheduler, random, lateCommitSeconds } = this.#settings;
    if (fate !== 'slow') return random.skewed(5, 500);
    const waits = Math.max(1000, givesUpAt - scheduler.now);
    return Math.min(waits * random.skewed(0.5, 2), waits + lateCommitSeconds * 990);
  }

  /** @param knownAt when the client knows that nobody knows, and from when the allowance counts */
  #happensSometime(arrived: Arrived, knownAt: number, handle: (happens: Happens) => Reply): void {
    const { scheduler, random, lateCommitSeconds } = this.#settings;
    const allowanceMs = lateCommitSeconds * 1000;
    const untilKnown = knownAt - scheduler.now;
    const creates = arrived.method === 'POST' && arrived.path.endsWith('/messages');
    if (creates && random.chance(this.#settings.weather().beyondAllowance)) {
      const lateMs = allowanceMs + random.skewed(1000, 18 * HOUR_MS);
      return void scheduler.after(untilKnown + lateMs, '', () => handle('beyond'));
    }
    const happens = random.next();
    if (happens < 0.3) return;
    // At the very end of what is allowed, often: whoever looks a moment too early must be found out.
    const late = random.chance(0.5)
      ? allowanceMs * (1 - random.skewed(0.001, 0.1))
      : random.skewed(1, allowanceMs) * 0.999;
    const inMs = happens < 0.6 ? untilKnown * random.next() : untilKnown + late;
    scheduler.after(Math.max(0, inMs), '', () => handle(happens < 0.6 ? 'before' : 'late'));
  }

  #handle({ method, path, body }: Arrived, happens: Happens, name: string): Reply {
    const { cloud, scheduler, random, lateCommitSeconds } = this.#settings;
    const weather = this.#settings.weather();
    const effect: Effect = {
      now: scheduler.now,
      // Less than what lies between two looks.
      lagMs: random.chance(weather.staleSearch) ? random.next() * Math.max(1000, lateCommitSeconds * 100) * 0.99 : 0,
      surplus: happens === 'beyond',
      emptyPageFirst: random.chance(weather.staleSearch / 2),
    };
    const reply = cloud.handle(method, path, body, effect);
    if (scheduler.tracing) {
      scheduler.say(
        `  ${name} ! ${method} ${path.slice(0, 160)} = ${reply.status} ${JSON.stringify(reply.body)?.slice(0, 160)} ${happens}`,
      );
    }
    return reply;
  }

  /** @returns ends it; null where the mailbox is busy with as many as it takes */
  #begin({ path }: Arrived): (() => void) | null {
    const user = this.#userOf(path);
    if (!user) return () => {};
    if (user.mailbox.underWay >= AT_ONCE) return null;
    user.mailbox.underWay++;
    return () => {
      user.mailbox.underWay--;
    };
  }

  #userOf(path: string): User | undefined {
    return this.#settings.cloud.users.get(path.split(/[/?]/)[2] ?? '');
  }

  #throttled(): Reply {
    const { random } = this.#settings;
    const headers = { 'retry-after': String(Math.ceil(random.skewed(1, LONGEST_WAIT_SECONDS))) };
    return random.chance(0.7)
      ? refusal(429, 'ApplicationThrottled', headers)
      : refusal(503, 'ServiceUnavailable', headers);
  }

  #tooManyAtOnce(): Reply {
    return refusal(429, 'ApplicationThrottled', { 'retry-after': '1' });
  }

  #gatewayFails(): Reply {
    return refusal(this.#settings.random.pick([500, 502, 503, 504]), 'UnknownError');
  }
}

type Respond = (inMs: number, result: WireAnswer | null) => void;

interface BatchPart {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly body?: unknown;
}

function wireOf({ status, headers = {}, body }: Reply): WireAnswer {
  return { status, headers, text: body === undefined ? '' : JSON.stringify(body) };
}
