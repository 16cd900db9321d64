/**
 * Asks the source for attachments that were missing when their page was collected, apart from collecting and delivering: a
 * source that hangs holds up nobody but the messages that need something of it.
 */
import type { ArchiveSource } from '../archive/source.ts';
import { DeliveryCalls } from './delivery-calls.ts';
import type { ImportDeps } from './deps.ts';
import { keepRenewing } from './lease-guard.ts';
import { handleProblem } from './problems.ts';
import { stageAttachments } from './stage-attachments.ts';
import type { AttachmentRow } from './store/attachments.ts';
import type { RunningConnector } from './store/connectors.ts';

/** Downloads at a time, of one import. */
const AT_ONCE = 6;
/** What is due sooner is not left to the reconciler, which comes round once a minute. */
const WAKE_SECONDS = 60;

/** Asks for every missing attachment of an import that is due. Returns when none is, or the source cannot be asked. */
export async function fetchAttachments(
  deps: ImportDeps,
  organizationId: string,
  importId: string,
  signal: AbortSignal,
): Promise<void> {
  const run = await deps.ledger.findImport(organizationId, importId);
  const connector = run && (await deps.ledger.liveConnectorOfSource(organizationId, run.sourceId));
  if (!connector || connector.paused || connector.stoppedReason !== null) return;
  const round = new Round(deps, connector, importId, signal);
  const lanes = await Promise.allSettled(Array.from({ length: AT_ONCE }, () => round.lane()));
  await round.end();
  for (const lane of lanes) if (lane.status === 'rejected') throw lane.reason;
}

class Round {
  readonly #deps: ImportDeps;
  readonly #connector: RunningConnector;
  readonly #importId: string;
  readonly #source: ArchiveSource;
  readonly #calls: DeliveryCalls;
  readonly #stop: AbortSignal;
  /** aborted where the source as a whole cannot be asked, too */
  readonly #over = new AbortController();
  #nextSeconds = Number.POSITIVE_INFINITY;

  constructor(deps: ImportDeps, connector: RunningConnector, importId: string, stop: AbortSignal) {
    this.#deps = deps;
    this.#connector = connector;
    this.#importId = importId;
    this.#source = deps.source(connector);
    this.#calls = new DeliveryCalls(deps, connector.organizationId);
    this.#stop = stop;
  }

  async lane(): Promise<void> {
    const { ledger, clock, settings } = this.#deps;
    const seconds = settings.shardLeaseSeconds;
    const signal = AbortSignal.any([this.#stop, this.#over.signal]);
    while (!signal.aborted) {
      const asked = clock.monotonic();
      const row = await ledger.claimMissing(this.#connector.organizationId, this.#importId, seconds);
      if (!row) return;
      const renewal = keepRenewing(clock, seconds, asked, () => ledger.renewMissing(row, seconds));
      try {
        await this.#fetch(row, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#over.abort();
        const { retrySeconds } = await handleProblem(this.#deps, this.#connector, error, 0);
        await ledger.postponeMissing(this.#connector.organizationId, this.#importId, retrySeconds);
        this.#nextSeconds = Math.min(this.#nextSeconds, Math.max(retrySeconds, seconds));
      } finally {
        renewal.stop();
      }
    }
  }

  async #fetch(row: AttachmentRow, signal: AbortSignal): Promise<void> {
    const { organizationId, importId, position, missedSeconds } = row;
    const attachment = { id: row.sourceAttachmentId, size: row.size, sha256: row.announcedSha256 };
    const wanted = { organizationId, importId, position, attachment, missedSeconds };
    const [attempt] = await stageAttachments(this.#deps, this.#source, [wanted], signal);
    if (!attempt) return;
    if (attempt.state === 'missing') this.#nextSeconds = Math.min(this.#nextSeconds, attempt.askAgainSeconds);
    await this.#calls.add((await this.#deps.ledger.recordAttempt(row, attempt)) ?? []);
  }

  async end(): Promise<void> {
    await this.#calls.send();
    const seconds = Math.ceil(this.#nextSeconds);
    if (seconds > WAKE_SECONDS || this.#stop.aborted) return;
    await askLater(this.#deps, this.#connector.organizationId, this.#importId, seconds);
  }
}

/** Asks for what is missing of an import in so many seconds. */
export async function askLater(
  deps: Pick<ImportDeps, 'enqueue'>,
  organizationId: string,
  importId: string,
  seconds: number,
): Promise<void> {
  const once = { key: importId, delayMs: seconds * 1000 + 50, onceInSeconds: Math.max(1, seconds) };
  await deps.enqueue('fetchAttachments', { organizationId, importId }, once);
}
