/** A simulated container of Azure Blob Storage: whole blobs appear at once, under names that are written once or replaced. */
import { TamperedError } from '#lib/security/sealing.ts';
import type { BlobContainer, IfPresent, StagedBlob } from '#lib/staging/azure.ts';
import { StagedContentMissingError, StagedNameTakenError, StagingUnavailableError } from '#lib/staging/errors.ts';
import type { Manners, SimulatedProcess } from './process.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { LinkWeather } from './weather.ts';

export class SimulatedBlobs {
  readonly blobs = new Map<string, { readonly bytes: Buffer; readonly modifiedAt: number }>();
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #weather: () => LinkWeather;

  constructor(scheduler: Scheduler, random: Random, weather: () => LinkWeather) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#weather = weather;
  }

  /** The container as one process reaches it. */
  seenBy(process: SimulatedProcess): Pick<BlobContainer, keyof BlobContainer> {
    const ask = <T>(label: string, effect: () => T, signal?: AbortSignal): Promise<T> =>
      process.call(`staging ${label}`, effect, this.#manners(), signal);
    const list = (prefix: string): StagedBlob[] => this.#list(prefix);
    const read = (name: string, offset: number, length?: number): { bytes: Buffer; total: number } => {
      const blob = this.blobs.get(name);
      if (!blob) throw new StagedContentMissingError(name);
      const total = blob.bytes.length;
      // A range that begins within the blob may end behind it: what is there is the answer.
      if (offset > total) throw new TamperedError(`Staged content under ${name}`);
      return { bytes: blob.bytes.subarray(offset, length === undefined ? total : offset + length), total };
    };
    return {
      write: (name, bytes, ifPresent, signal) => ask(`write ${name}`, () => this.#put(name, bytes, ifPresent), signal),
      startBlocks: (name, ifPresent, signal) => {
        const blocks: Uint8Array[] = [];
        return {
          stage: async (bytes) => {
            const place = blocks.length;
            blocks.push(Buffer.alloc(0));
            await ask(`stage ${name}`, () => void blocks.splice(place, 1, Buffer.from(bytes)), signal);
          },
          commit: () => ask(`commit ${name}`, () => this.#put(name, Buffer.concat(blocks), ifPresent), signal),
        };
      },
      readRange: async (name, offset, length, signal) =>
        length === 0
          ? Buffer.alloc(0)
          : ask(
              `read ${name}`,
              () => {
                const { bytes } = read(name, offset, length);
                if (bytes.length < length) throw new TamperedError(`Staged content under ${name}`);
                return Buffer.from(bytes);
              },
              signal,
            ),
      open: async (name, offset, { length, signal } = {}) => {
        const { bytes, total } = await ask(`open ${name}`, () => read(name, offset, length), signal);
        const body = async function* (): AsyncGenerator<Uint8Array> {
          yield bytes;
        };
        return { body: body(), totalBytes: total, etag: '1' };
      },
      delete: (name) => ask(`delete ${name}`, () => this.blobs.delete(name)),
      list: async function* (this: void, prefix: string): AsyncGenerator<StagedBlob> {
        yield* await ask(`list ${prefix}`, () => list(prefix));
      },
    };
  }

  #list(prefix: string): StagedBlob[] {
    return [...this.blobs]
      .filter(([name]) => name.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { bytes, modifiedAt }]) => ({ name, size: bytes.length, modifiedAt: new Date(modifiedAt) }));
  }

  #put(name: string, bytes: Uint8Array, ifPresent: IfPresent): void {
    if (ifPresent === 'keep' && this.blobs.has(name)) throw new StagedNameTakenError(name);
    this.blobs.set(name, { bytes: Buffer.from(bytes), modifiedAt: this.#scheduler.now });
  }

  #manners(): Manners {
    const { lostBefore, lostAfter, slow } = this.#weather();
    return {
      lostBefore,
      lostAfter,
      effectMs: () => (this.#random.chance(slow) ? this.#random.skewed(1000, 60_000) : this.#random.skewed(1, 50)),
      answerMs: () => this.#random.skewed(1, 20),
      broken: () => new StagingUnavailableError('simulated'),
    };
  }
}
