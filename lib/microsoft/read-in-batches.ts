/**
 * Many reads at once: packed into `$batch`, a bounded number of batches in flight, what is throttled asked again after
 * the time that Graph names. For reads only: repeating them changes nothing.
 */
import pLimit from 'p-limit';
import type { BatchRequest, CallOptions, Graph } from './graph.ts';
import { errorOfAnswer, type GraphAnswer, GraphError } from './graph-errors.ts';

export interface ReadSettings extends CallOptions {
  /**
   * batches in flight, default 25: Graph hands on four requests of a batch at a time, so twenty reads take as long as five,
   * one after the other, and the first page of an import may name hundreds of people
   */
  readonly concurrency?: number;
  /** rounds before a read that keeps failing transiently throws, default 6 */
  readonly attempts?: number;
  /**
   * what becomes of a read that Graph itself refuses for the time being, round after round or for long: by default all
   * throws; `answer`: the refusal is its answer, and the others have theirs
   */
  readonly lasting?: 'throw' | 'answer';
  /** waits; a parameter so that tests need no time */
  readonly sleep?: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
}

const BATCH = 20;
/** Whoever takes a refusal for an answer does not wait for longer than this to be spared it. */
const LONG_MS = 10_000;

/**
 * @param urls paths below the version, encoded
 * @returns one answer for each url, in their order; a 4xx that is no throttling is an answer, not an error
 * @throws GraphError where a read still fails transiently after the last round (see `lasting`); AppTokenError
 */
export async function readInBatches(
  graph: Graph,
  urls: readonly string[],
  settings: ReadSettings = {},
): Promise<readonly GraphAnswer[]> {
  const { concurrency = 25, attempts = 6, lasting = 'throw', sleep = waited, signal } = settings;
  const limit = pLimit(concurrency);
  const answers = new Map<number, GraphAnswer>();
  let open = urls.map((url, index): BatchRequest => ({ id: String(index), method: 'GET', url }));
  for (let round = 1; open.length > 0; round += 1) {
    const batches = chunks(open, BATCH);
    const results = await Promise.all(batches.map((batch) => limit(() => oneBatch(graph, batch, signal))));
    const failed: { readonly request: BatchRequest; readonly error: GraphError }[] = [];
    for (const { request, answer, error } of results.flat()) {
      const isLasting = round >= attempts || (error?.retryAfterSeconds ?? 0) * 1000 > LONG_MS;
      if (lasting === 'answer' && isLasting && answer !== undefined) answers.set(Number(request.id), answer);
      else if (error?.kind === 'transient') failed.push({ request, error });
      else if (answer !== undefined) answers.set(Number(request.id), answer);
      else throw error;
    }
    const [first] = failed;
    if (first !== undefined && round >= attempts) throw first.error;
    if (first !== undefined)
      await sleep(
        waitOf(
          failed.map(({ error }) => error),
          round,
        ),
        signal,
      );
    open = failed.map(({ request }) => request);
  }
  return urls.map((_, index) => {
    const answer = answers.get(index);
    if (answer === undefined) throw new RangeError(`no answer for read ${index}`);
    return answer;
  });
}

interface Read {
  readonly request: BatchRequest;
  readonly answer?: GraphAnswer;
  readonly error: GraphError | null;
}

async function oneBatch(
  graph: Graph,
  batch: readonly BatchRequest[],
  signal: AbortSignal | undefined,
): Promise<readonly Read[]> {
  try {
    const answers = await graph.batch(batch, { signal });
    const now = new Date();
    return answers.map((answer, index): Read => {
      const request = batch[index] ?? { id: answer.id, method: 'GET', url: '' };
      return { request, answer, error: errorOfAnswer(answer, 'GET', now) };
    });
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    return batch.map((request) => ({ request, error }));
  }
}

/** The longest wait that Graph asked for, else 0.5 s doubled per round, in milliseconds. */
function waitOf(errors: readonly GraphError[], round: number): number {
  const asked = Math.max(0, ...errors.map((error) => error.retryAfterSeconds ?? 0)) * 1000;
  return asked > 0 ? asked : Math.min(500 * 2 ** (round - 1), 30_000);
}

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  );
}

function waited(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      signal?.removeEventListener('abort', done);
      clearTimeout(timer);
      if (signal?.aborted === true) reject(signal.reason);
      else resolve();
    }
    if (signal?.aborted === true) done();
    else signal?.addEventListener('abort', done, { once: true });
  });
}
