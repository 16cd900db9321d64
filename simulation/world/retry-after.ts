/**
 * Whether the product waits as long as Graph asks it to. A mailbox that answers with `Retry-After` is left alone by the
 * process that was told, until then; the other mailboxes are not its matter, and another process was told nothing.
 */
import type { WireAnswer, WireRequest } from '#lib/microsoft/transport.ts';

interface Part {
  readonly id: string;
  readonly url: string;
}

export class RetryAfterWatch {
  /** by process and mailbox: not before, in milliseconds of simulated time */
  readonly #notBefore = new Map<string, number>();
  readonly #now: () => number;
  readonly #userOfUpload: (url: string) => string | null;
  readonly #tell: (violation: string) => void;

  /** @param userOfUpload whose mailbox an upload session writes into */
  constructor(now: () => number, userOfUpload: (url: string) => string | null, tell: (violation: string) => void) {
    this.#now = now;
    this.#userOfUpload = userOfUpload;
    this.#tell = tell;
  }

  /** The product asks something of Graph now. */
  asks(process: string, url: string, wire: WireRequest): void {
    for (const userId of new Set(this.#partsOf(url, wire).map(({ userId }) => userId))) {
      const early = (this.#notBefore.get(`${process} ${userId}`) ?? 0) - this.#now();
      if (early > 0) {
        const what = `${wire.method} ${url.replace(/^https:\/\/[^/]+/, '').slice(0, 120)}`;
        this.#tell(`${what}: ${Math.ceil(early / 1000)} s before the mailbox ${userId} is to be asked again`);
      }
    }
  }

  /** The product reads an answer of Graph now. */
  reads(process: string, url: string, wire: WireRequest, answer: WireAnswer): void {
    const parts = this.#partsOf(url, wire);
    const refuse = (userId: string, headers: Readonly<Record<string, string>>): void => {
      const seconds = Number(headers['retry-after'] ?? 0);
      if (seconds > 0) this.#notBefore.set(`${process} ${userId}`, this.#now() + seconds * 1000);
    };
    if (answer.status === 429 || answer.status === 503) {
      for (const { userId } of parts) refuse(userId, answer.headers);
    } else if (isBatch(url)) {
      const responses = responsesOf(answer);
      // Where one is left out, nobody knows whether the others can be believed.
      if (responses.length < parts.length) return;
      for (const { id, status, headers } of responses) {
        const part = parts.find((one) => one.id === id);
        if (part && (status === 429 || status === 503)) refuse(part.userId, headers);
      }
    }
  }

  #partsOf(url: string, wire: WireRequest): { readonly id: string; readonly userId: string }[] {
    const parts: Part[] = isBatch(url)
      ? (JSON.parse(String(wire.body)) as { readonly requests: Part[] }).requests
      : [{ id: '', url: new URL(url).pathname.replace('/v1.0', '') }];
    return parts.flatMap(({ id, url: path }) => {
      const userId = url.startsWith('https://upload.') ? this.#userOfUpload(url) : mailboxOf(path);
      return userId === null ? [] : [{ id, userId }];
    });
  }
}

function isBatch(url: string): boolean {
  return url.endsWith('/$batch');
}

/** Null for a request that goes into no mailbox. */
function mailboxOf(path: string): string | null {
  return /^\/users\/([^/?]+)\/(?!mailFolders\?\$top=1&)/.exec(path)?.[1] ?? null;
}

function responsesOf({ text }: WireAnswer) {
  interface Response {
    readonly id: string;
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
  }
  try {
    return (JSON.parse(text) as { readonly responses?: readonly Response[] }).responses ?? [];
  } catch {
    // An answer that cannot be read tells nobody anything.
    return [];
  }
}
