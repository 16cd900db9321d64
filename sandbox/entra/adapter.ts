/** Where oidc-provider keeps sessions, codes and interactions: in memory, each tenant apart, gone with the process. */
import type { Adapter, AdapterPayload } from 'oidc-provider';

interface Kept {
  readonly payload: AdapterPayload;
  /** epoch milliseconds */
  readonly expires: number;
}

export class MemoryAdapter implements Adapter {
  readonly #kept: Map<string, Kept>;

  constructor(kept: Map<string, Kept>) {
    this.#kept = kept;
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
    const now = Date.now();
    for (const [other, { expires }] of this.#kept) if (expires < now) this.#kept.delete(other);
    this.#kept.set(id, { payload, expires: expiresIn > 0 ? now + expiresIn * 1_000 : Number.POSITIVE_INFINITY });
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const found = this.#kept.get(id);
    return found && found.expires >= Date.now() ? found.payload : undefined;
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return [...this.#kept.values()].find(({ payload }) => payload.uid === uid)?.payload;
  }

  async findByUserCode(): Promise<undefined> {
    return undefined;
  }

  async consume(id: string): Promise<void> {
    const found = this.#kept.get(id);
    if (found)
      this.#kept.set(id, { ...found, payload: { ...found.payload, consumed: Math.floor(Date.now() / 1_000) } });
  }

  async destroy(id: string): Promise<void> {
    this.#kept.delete(id);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [id, { payload }] of this.#kept) if (payload.grantId === grantId) this.#kept.delete(id);
  }
}

/** A factory as oidc-provider wants it; each call of `memoryAdapters` is a store of its own. */
export function memoryAdapters(): (model: string) => Adapter {
  const models = new Map<string, Map<string, Kept>>();
  return (model) => {
    const kept = models.get(model) ?? new Map<string, Kept>();
    models.set(model, kept);
    return new MemoryAdapter(kept);
  };
}
