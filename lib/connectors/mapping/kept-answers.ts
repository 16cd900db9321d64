/**
 * Answers that cost a look at every row of two versions, kept in this process for some minutes. Versions do not change, so
 * what is added, changed and removed stays true; what the source, the directory and the archive say of it does not, and so
 * every answer says when it was found. Of all answers only the newest are kept.
 */

/** What is compared with what: that about which answers are kept. */
export function comparisonOf(of: {
  readonly organizationId: string;
  readonly versionId: string;
  readonly against: string | null;
}): string {
  return `${of.organizationId} ${of.versionId} ${of.against}`;
}

export interface Found<Answer> {
  readonly answer: Answer;
  /** when it was asked for */
  readonly at: Date;
}

export interface KeepSettings {
  readonly lifetimeMs: number;
  /** beyond it the oldest is forgotten. One is a row of counts, or a page of rows */
  readonly most: number;
  readonly now: () => Date;
}

interface Kept {
  readonly at: Date;
  readonly answer: Promise<unknown>;
}

export class KeptAnswers {
  readonly #settings: KeepSettings;
  readonly #kept = new Map<string, Kept>();

  constructor(settings: KeepSettings) {
    this.#settings = settings;
  }

  /**
   * The answer that is kept under `about` and `name`, or `ask`'s. Those who ask at the same time share one. A failure is
   * not kept.
   *
   * @param about what is compared: all of it is forgotten at once
   * @param name of one question about it, and of nothing with another type of answer
   * @throws what `ask` throws
   */
  async find<Answer>(about: string, name: string, ask: () => Promise<Answer>): Promise<Found<Answer>> {
    const key = `${about} ${name}`;
    const { lifetimeMs, most, now } = this.#settings;
    const at = now();
    const known = this.#kept.get(key);
    if (known !== undefined && at.getTime() - known.at.getTime() < lifetimeMs)
      return { at: known.at, answer: (await known.answer) as Answer };
    const answer = ask();
    const entry = { at, answer };
    this.#kept.delete(key);
    this.#kept.set(key, entry);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > most && oldest !== undefined) this.#kept.delete(oldest);
    try {
      return { at, answer: await answer };
    } catch (error) {
      if (this.#kept.get(key) === entry) this.#kept.delete(key);
      throw error;
    }
  }

  forget(about: string): void {
    for (const key of this.#kept.keys()) if (key.startsWith(`${about} `)) this.#kept.delete(key);
  }
}
