/**
 * A simulated Graph at the other end of the product's transport: when a request takes effect, and what is said of it,
 * are two things. Every write may happen without an answer, after an answer that says otherwise, late, or never; late is
 * at most the late-commit allowance after the moment at which its client gave up.
 */
import { NoAnswer, NotSent, type Transport, type WireAnswer, type WireRequest } from '#lib/microsoft/transport.ts';
import { type Fate, fateOf, gatewayFails, TOO_MANY_AT_ONCE, throttled, wireOf } from './graph-answers.ts';
import { type Reply, refusal, type User } from './mailbox.ts';
import type { Effect, Microsoft365 } from './mailboxes.ts';
import type { SimulatedProcess } from './process.ts';
import type { Random } from './random.ts';
import type { RetryAfterWatch } from './retry-after.ts';
import type { Scheduler } from './scheduler.ts';
import type { GraphWeather } from './weather.ts';

export interface GraphSettings {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly cloud: Microsoft365;
  readonly weather: () => GraphWeather;
  readonly lateCommitSeconds: number;
  readonly tokenOpens: (token: string) => 'nothing' | 'door' | 'mailboxes';
  readonly retryAfter: RetryAfterWatch;
}

/** A request on its way. */
interface Arrived {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  /** what its token is good for */
  readonly mayWriteMail: boolean;
}

/** When a write whose answer says nothing takes effect. */
type Happens = 'before' | 'late' | 'never' | 'beyond';

/** Graph hands on so many requests of a batch at a time, and takes as many at once of a mailbox. */
const AT_ONCE = 4;
/** As the real transport: so long it waits for an answer where nobody says otherwise. */
const HEADERS_MS = 120_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export class SimulatedGraph {
  readonly #settings: GraphSettings;

  constructor(settings: GraphSettings) {
    this.#settings = settings;
  }

  /** Graph as one process reaches it. */
  transport(process: SimulatedProcess): Transport {
    return (url, wire) =>
      new Promise((resolve, reject) => {
        const { scheduler, random, retryAfter } = this.#settings;
        const { signal } = wire;
        if (signal?.aborted) return reject(signal.reason);
        retryAfter.asks(process.name, url, wire);
        process.onCall('graph');
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
            answer('not sent', () => reject(new NotSent('simulated')));
            return;
          }
          // As the real transport: what waited for its connection is not sent when its time is over.
          if (wire.body !== undefined && wire.notAfter !== undefined && monotonic() > wire.notAfter) {
            answer('not sent: too late', () => reject(new NotSent('too late')));
            return;
          }
          const silence = (): void => answer('no answer in time', () => reject(new NoAnswer('simulated')));
          scheduler.after(HEADERS_MS, '', silence, process);
          const livesMs = wire.notAfter === undefined ? HEADERS_MS : Math.max(0, wire.notAfter - monotonic());
          const respond: Respond = (inMs, result) => {
            const give = (): void => {
              if (result === null) answer('no answer', () => reject(new NoAnswer('simulated')));
              else {
                answer(`${result.status} ${result.text.slice(0, 200)}`, () => {
                  retryAfter.reads(process.name, url, wire, result);
                  resolve(result);
                });
              }
            };
            scheduler.after(inMs, '', give, process);
          };
          this.#receive(url, wire, scheduler.now + livesMs, respond, process.name);
        };
        scheduler.after(random.skewed(1, 30), '', send, process);
      });
  }

  #receive(url: string, wire: WireRequest, givesUpAt: number, respond: Respond, name: string): void {
    const { scheduler, random, tokenOpens } = this.#settings;
    if (url.startsWith('https://upload.')) {
      this.#upload(url, wire, givesUpAt, respond, name);
      return;
    }
    const path = url.replace(/^https:\/\/[^/]+\/v1\.0/, '');
    const token = (wire.headers.authorization ?? '').replace('Bearer ', '');
    const opens = tokenOpens(token);
    if (opens === 'nothing' || random.chance(this.#settings.weather().tokenRefused)) {
      respond(random.skewed(1, 50), wireOf(refusal(401, 'InvalidAuthenticationToken')));
      return;
    }
    const body: unknown = typeof wire.body === 'string' && wire.body !== '' ? JSON.parse(wire.body) : undefined;
    const arrived = { method: wire.method, path, body, mayWriteMail: opens === 'mailboxes' };
    if (scheduler.tracing) scheduler.say(`  ${name} > ${wire.method} ${path} ${(wire.body ?? '').slice(0, 120)}`);
    if (path === '/$batch') this.#batch(arrived, givesUpAt, respond, name);
    else this.#single(arrived, givesUpAt, respond, name);
  }

  #single(arrived: Arrived, givesUpAt: number, respond: Respond, name: string): void {
    const handle = (happens: Happens): Reply => this.#handle(arrived, happens, name);
    this.#carryOut(arrived, givesUpAt, handle, respond);
  }

  #carryOut(arrived: Arrived, givesUpAt: number, handle: (happens: Happens) => Reply, respond: Respond): void {
    const { scheduler, random } = this.#settings;
    const soon = (): number => random.skewed(1, 100);
    const fate = this.#fateOf(arrived.path);
    if (fate === 'gateway' || fate === 'reset' || fate === 'hang') {
      const answeredAt = fate === 'hang' ? givesUpAt : scheduler.now + random.skewed(5, 5_000);
      this.#happensSometime(arrived, Math.min(answeredAt, givesUpAt), handle);
      if (fate !== 'hang') respond(answeredAt - scheduler.now, fate === 'reset' ? null : wireOf(gatewayFails(random)));
      return;
    }
    const end = fate === 'throttled' ? null : this.#begin(arrived);
    if (end === null) {
      respond(soon(), wireOf(fate === 'throttled' ? throttled(random) : TOO_MANY_AT_ONCE));
      return;
    }
    scheduler.after(this.#takesMs(fate, givesUpAt), '', () => {
      end();
      const reply = wireOf(handle('before'));
      respond(soon(), fate === 'unreadable' ? { ...reply, text: reply.text.slice(0, 7) } : reply);
    });
  }

  #batch({ body, mayWriteMail }: Arrived, givesUpAt: number, respond: Respond, name: string): void {
    const { scheduler, random } = this.#settings;
    const { requests } = body as { readonly requests: readonly BatchPart[] };
    const fate = this.#fateOf('/$batch');
    if (fate === 'throttled') {
      respond(random.skewed(1, 100), wireOf(throttled(random)));
      return;
    }
    if (fate === 'refused') {
      respond(random.skewed(1, 100), wireOf(refusal(400, 'BadRequest')));
      return;
    }
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
      const arrived = { method: part.method, path: part.url, body: part.body, mayWriteMail };
      const handle = (happens: Happens): Reply => this.#handle(arrived, happens, name);
      if (lost) {
        this.#happensSometime(arrived, Math.min(answeredAt, givesUpAt), handle);
        continue;
      }
      const lane = index % AT_ONCE;
      const partFate = this.#fateOf(part.url);
      const startsIn = lanes[lane] ?? 0;
      lanes[lane] =
        startsIn +
        this.#takesMs(fate === 'slow' ? 'slow' : 'ok', givesUpAt) / Math.max(1, Math.ceil(requests.length / AT_ONCE));
      const takesMs = (lanes[lane] ?? 0) - startsIn;
      scheduler.after(startsIn, '', () => {
        if (partFate === 'throttled') return done(part, throttled(random));
        if (partFate === 'gateway') {
          this.#happensSometime(arrived, Math.min(scheduler.now, givesUpAt), handle);
          return done(part, gatewayFails(random));
        }
        const end = this.#begin(arrived);
        if (end === null) return done(part, TOO_MANY_AT_ONCE);
        scheduler.after(takesMs, '', () => {
          end();
          done(part, handle('before'));
        });
      });
    }
    if (lost && fate !== 'hang') {
      respond(answeredAt - scheduler.now, fate === 'reset' ? null : wireOf(gatewayFails(random)));
    }
  }

  #upload(url: string, wire: WireRequest, givesUpAt: number, respond: Respond, name: string): void {
    const { scheduler, cloud } = this.#settings;
    const bytes = Buffer.from(wire.body ?? '');
    const range = wire.headers['content-range'] ?? '';
    const handle = (): Reply => {
      const reply = cloud.uploads.put(url, range, bytes, scheduler.now);
      if (scheduler.tracing) scheduler.say(`  ${name} ! PUT ${url} ${range} = ${reply.status}`);
      return reply;
    };
    this.#carryOut({ method: 'PUT', path: 'upload', body: null, mayWriteMail: true }, givesUpAt, handle, respond);
  }

  #fateOf(path: string): Fate {
    return fateOf(this.#settings.weather(), this.#settings.random, path);
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
      scheduler.after(untilKnown + lateMs, '', () => handle('beyond'));
      return;
    }
    const happens = random.next();
    if (happens < 0.3) return;
    // At the very end of what is allowed, often: whoever looks a moment too early must be found out.
    const late = random.chance(this.#settings.weather().lateAtTheEnd)
      ? allowanceMs * (1 - random.skewed(0.001, 0.1))
      : random.skewed(1, allowanceMs) * 0.999;
    const inMs = happens < 0.6 ? untilKnown * random.next() : untilKnown + late;
    scheduler.after(Math.max(0, inMs), '', () => handle(happens < 0.6 ? 'before' : 'late'));
  }

  #handle({ method, path, body, mayWriteMail }: Arrived, happens: Happens, name: string): Reply {
    const { cloud, scheduler, random } = this.#settings;
    const weather = this.#settings.weather();
    const effect: Effect = {
      now: scheduler.now,
      lagMs: this.#lagOf(path),
      surplus: happens === 'beyond',
      mayWriteMail,
      emptyPageFirst: random.chance(weather.staleSearch / 2),
      sessionMs: random.chance(weather.sessionsExpire) ? random.skewed(500, 30 * MINUTE_MS) : 72 * HOUR_MS,
    };
    const reply = cloud.handle(method, path, body, effect);
    if (scheduler.tracing) {
      scheduler.say(
        `  ${name} ! ${method} ${path.slice(0, 160)} = ${reply.status} ${JSON.stringify(reply.body)?.slice(0, 160)} ${happens}`,
      );
    }
    return reply;
  }

  /** A mailbox whose search lags does so for some seconds, and for less time than what lies between two looks. */
  #lagOf(path: string): number {
    const { scheduler, random, lateCommitSeconds } = this.#settings;
    const mailbox = this.#userOf(path)?.mailbox;
    if (!mailbox) return 0;
    if (mailbox.lagsUntil < scheduler.now && random.chance(this.#settings.weather().staleSearch)) {
      mailbox.lagMs = random.next() * Math.max(1000, lateCommitSeconds * 100) * 0.99;
      mailbox.lagsUntil = scheduler.now + random.skewed(1000, 10_000);
    }
    return mailbox.lagsUntil >= scheduler.now ? mailbox.lagMs : 0;
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
}

type Respond = (inMs: number, result: WireAnswer | null) => void;

interface BatchPart {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly body?: unknown;
}
