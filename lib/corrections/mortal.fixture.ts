/**
 * For tests: a worker that dies. Everything that it asks of the world is counted, and at a chosen call it ends: that call
 * has its effect or has not, its answer is never read, and nothing that this worker would have done after it is done.
 * Its open transactions end with their connections, as a dead process's do.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { CorrectionDeps } from './deps.ts';

/** Longest time that the last call may take to its effect. */
const LAST_MS = 1_000;

export class Life {
  /** resolves when it dies */
  readonly death: Promise<void>;
  #left: number;
  #dead = false;
  #die: () => void = () => {};
  readonly #effectOfLast: boolean;
  readonly #clients = new Set<pg.PoolClient>();

  /** @param calls how many calls it makes; @param effectOfLast whether the last of them has its effect */
  constructor(calls: number, effectOfLast: boolean) {
    this.#left = calls;
    this.#effectOfLast = effectOfLast;
    this.death = new Promise((resolve) => {
      this.#die = resolve;
    });
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** The parts of a worker that lives as long as this. */
  of(deps: CorrectionDeps): CorrectionDeps {
    return {
      ...deps,
      owner: `mortal.${Math.random()}`,
      pool: this.#pool(deps.pool),
      ledger: this.#mortal(deps.ledger),
      staging: this.#mortal(deps.staging),
      graph: (organizationId) => this.#mortal(deps.graph(organizationId)),
      source: (connector) => this.#mortal(deps.source(connector)),
      download: (organizationId) => {
        const download = deps.download(organizationId);
        return (...call) => this.#call(() => download(...call));
      },
      // What is asked for is found again by the reconciler: whether it was asked for makes no difference.
      enqueue: async (name, data, options) => {
        if (!this.#dead && name !== 'correct') await deps.enqueue(name, data, options);
      },
    };
  }

  #pool(pool: pg.Pool): pg.Pool {
    const connect = async (): Promise<pg.PoolClient> => {
      const client = await this.#call(async () => {
        const connected = await pool.connect();
        this.#clients.add(connected);
        return connected;
      });
      return new Proxy(client, {
        get: (target, name) => {
          if (name === 'release') {
            return (broken?: Error | boolean) => {
              if (this.#clients.delete(client)) client.release(broken);
            };
          }
          if (name !== 'query') {
            const member: unknown = Reflect.get(target, name);
            // A client's own methods reach what is private to it.
            return typeof member === 'function' ? member.bind(target) : member;
          }
          return (...call: Parameters<typeof client.query>) => this.#call(() => Promise.resolve(client.query(...call)));
        },
      });
    };
    return new Proxy(pool, {
      get: (target, name) => {
        if (name === 'connect') return connect;
        if (name !== 'query') return Reflect.get(target, name);
        return (...call: Parameters<typeof pool.query>) => this.#call(() => Promise.resolve(pool.query(...call)));
      },
    });
  }

  #mortal<T extends object>(part: T): T {
    return new Proxy(part, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return (...call: unknown[]) => this.#call(() => Promise.resolve(member.apply(target, call)));
      },
    });
  }

  async #call<T>(effect: () => Promise<T>): Promise<T> {
    if (this.#dead) return new Promise(() => {});
    this.#left--;
    if (this.#left > 0) return effect();
    this.#dead = true;
    // Whether it succeeds is nobody's matter any more; and it may wait for what this worker itself holds.
    if (this.#effectOfLast) await Promise.race([effect().catch(() => {}), sleep(LAST_MS)]);
    for (const client of this.#clients) client.release(true);
    this.#clients.clear();
    this.#die();
    return new Promise(() => {});
  }
}
