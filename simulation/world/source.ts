/** A simulated source behind the product's port: its pages, its cursors that run out, its own clock, and its outages. */
import {
  type ArchiveSource,
  type AttachmentStream,
  type ItemPage,
  SourceError,
  type SourceUser,
  type TimeRange,
} from '#lib/archive/source.ts';
import type { Archive, SourceEntry } from './items.ts';
import type { Person } from './people.ts';
import type { Manners, SimulatedProcess } from './process.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { SourceWeather } from './weather.ts';
import type { Witness } from './witness.ts';

export interface SourceSettings {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly archive: Archive;
  readonly people: readonly Person[];
  readonly weather: () => SourceWeather;
  /** items a page at most; a source may give fewer than it is asked for */
  readonly pageSize: number;
  readonly witness: Witness;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export class SimulatedSource {
  /** nobody answers until then, milliseconds since 1970 */
  outageUntil = 0;
  /** the password is not the account's any more */
  lockedOut = false;
  /** how far behind the present its settled time is, in milliseconds */
  lagMs: number;
  readonly #settings: SourceSettings;
  /** by attachment: how often it was read */
  readonly #readings = new Map<string, number>();

  constructor(settings: SourceSettings) {
    this.#settings = settings;
    this.lagMs = settings.random.skewed(MINUTE, 120 * MINUTE);
  }

  /** The source as one process reaches it. */
  seenBy(process: SimulatedProcess): ArchiveSource {
    const { witness } = this.#settings;
    const ask = <T>(label: string, effect: () => T, signal?: AbortSignal): Promise<T> => {
      const answered = (): T => {
        if (this.lockedOut) witness.refusesAgain(process.name);
        return this.#answer(effect);
      };
      const answer = process.call(`source ${label}`, answered, this.#manners(), signal);
      answer.catch((error: unknown) => {
        if (error instanceof SourceError && error.failure === 'invalid_credentials') witness.hearsRefusal(process.name);
      });
      return answer;
    };
    const { people } = this.#settings;
    return {
      clock: (signal) => ask('clock', () => this.#clock(), signal),
      items: (range, cursor, limit, signal) => ask(`items ${cursor}`, () => this.#page(range, cursor, limit), signal),
      manifest: (range, signal) => ask('manifest', () => this.#manifest(range), signal),
      users: async function* (signal): AsyncGenerator<SourceUser> {
        yield* await ask('users', () => people.map(userOf), signal);
      },
      attachment: (id, offset, signal) => ask(`attachment ${id}`, () => this.#attachment(id, offset), signal),
    };
  }

  /** Entries that the source lists for a range now. */
  listed({ from, to }: TimeRange): SourceEntry[] {
    const { scheduler, archive } = this.#settings;
    return archive.entries.filter(
      ({ at, visibleFrom }) => at >= from.getTime() && at < to.getTime() && visibleFrom <= scheduler.now,
    );
  }

  #manners(): Manners {
    const { random } = this.#settings;
    const { lostBefore, lostAfter, slow } = this.#settings.weather();
    return {
      lostBefore,
      lostAfter,
      effectMs: () => (random.chance(slow) ? random.skewed(1000, 60_000) : random.skewed(2, 200)),
      answerMs: () => random.skewed(2, 200),
      broken: () => new SourceError('unreachable', 'simulated'),
    };
  }

  #answer<T>(effect: () => T): T {
    const { scheduler, random } = this.#settings;
    const weather = this.#settings.weather();
    if (scheduler.now < this.outageUntil) throw new SourceError('unreachable', 'simulated outage');
    if (this.lockedOut) throw new SourceError('invalid_credentials', 'simulated');
    if (random.chance(weather.throttled)) throw new SourceError('throttled', 'simulated', random.whole(1, 120));
    if (random.chance(weather.badAnswer)) throw new SourceError('bad_answer', 'simulated');
    return effect();
  }

  #clock() {
    const { now } = this.#settings.scheduler;
    return {
      now: new Date(now),
      settledThrough: new Date(now - this.lagMs),
      earliestRetained: new Date(now - 90 * DAY),
    };
  }

  #page(range: TimeRange, cursor: string | null, limit: number): ItemPage {
    const { random, scheduler, pageSize } = this.#settings;
    if (cursor !== null && random.chance(this.#settings.weather().cursorExpired)) {
      throw new SourceError('cursor_expired', 'simulated');
    }
    const after = cursor === null ? null : (JSON.parse(cursor) as readonly [number, string]);
    const all = this.listed(range)
      .flatMap((entry): SourceEntry[] => (entry.repeated ? [entry, { ...entry, key: `${entry.key} again` }] : [entry]))
      .filter(({ at, key }) => after === null || at > after[0] || (at === after[0] && key > after[1]));
    const page = all.slice(0, Math.min(limit, pageSize));
    const last = page.at(-1);
    const more = last !== undefined && page.length < all.length;
    return {
      items: page.map(({ raw, changes }) => (changes && changes.from <= scheduler.now ? changes.raw : raw)),
      nextCursor: more ? JSON.stringify([last.at, last.key]) : null,
    };
  }

  #manifest(range: TimeRange) {
    const entries = this.listed(range);
    return { count: new Set(entries.map(({ key }) => key)).size, attachmentBytes: 0 };
  }

  #attachment(id: string, offset: number): AttachmentStream {
    const { archive, random, scheduler } = this.#settings;
    const attachment = archive.attachments.get(id);
    if (!attachment) throw new SourceError('not_found', 'no such attachment');
    const { attachmentNotReady, lostAfter } = this.#settings.weather();
    if (attachment.readyFrom > scheduler.now || random.chance(attachmentNotReady)) {
      throw new SourceError('attachment_not_ready', 'still on the phone', 30);
    }
    const breaksOff = random.chance(lostAfter);
    const reading = (this.#readings.get(id) ?? 0) + 1;
    this.#readings.set(id, reading);
    const isLater = attachment.later !== null && reading >= attachment.later.fromReading;
    const { bytes } = (isLater ? attachment.later : null) ?? attachment;
    if (offset > bytes.length) throw new SourceError('bad_answer', 'no such range');
    const body = async function* (): AsyncGenerator<Uint8Array> {
      const half = offset + Math.floor((bytes.length - offset) / 2);
      yield bytes.subarray(offset, half);
      if (breaksOff) throw new SourceError('unreachable', 'the connection broke');
      yield bytes.subarray(half);
    };
    const etag = attachment.hasEtag ? `"${isLater ? 2 : 1}"` : null;
    return { body: body(), totalSize: bytes.length, etag };
  }
}

function userOf({ number, email, name }: Person): SourceUser {
  return { mobile: number, email, name, status: 'activated', lastArchivedTime: null };
}
