/** From claimed copies to messages that are ready to send: frames opened, attachments found, mail planned. */

import { type ItemScope, itemIdentity } from '../mail/identity.ts';
import { type MailInput, type MessagePlan, planMessage } from '../mail/plan.ts';
import { TamperedError } from '../security/sealing.ts';
import { StagedContentMissingError } from '../staging/errors.ts';
import { pageName } from '../staging/names.ts';
import type { StagedFrame } from '../staging/sealed-blobs.ts';
import { reasonOfRow, shortfallOf } from './attachment-words.ts';
import type { ImportDeps } from './deps.ts';
import { decodeFrame, type StagedItem } from './frame.ts';
import { mailInputOf, stagedById } from './mail-input.ts';
import type { ReasonCode } from './reasons.ts';
import { askAgainSeconds } from './stage-attachments.ts';
import type { AttachmentRow } from './store/attachments.ts';
import type { ClaimedDelivery } from './store/claims.ts';
import type { RunningConnector } from './store/connectors.ts';
import type { Settlement } from './store/settle.ts';

/** What of a message's plan is kept until it is sent, for thousands of copies: its parts are in its JSON. */
export type DeliveryPlan = Omit<MessagePlan, 'message'> & Pick<MessagePlan['message'], 'itemProperty'>;

/** A copy whose message is known. `attachments` are the rows whose bytes are staged, by the source's id. */
export interface PreparedDelivery {
  readonly kind: 'ready';
  readonly delivery: ClaimedDelivery;
  readonly plan: DeliveryPlan;
  /** the same message, none of whose attachments is in the create */
  readonly barePlan: () => DeliveryPlan;
  readonly folderName: string;
  readonly attachments: ReadonlyMap<string, AttachmentRow>;
  /** why the message is less than the item was to be; null where it is whole */
  readonly shortfall: ReasonCode | null;
  /** it is whole, and carries the item as it came because parts of that were not understood */
  readonly mended: boolean;
}

/** A copy that was claimed when its page was written, and its content. It has no attachments. */
export interface HandedCopy {
  readonly delivery: ClaimedDelivery;
  readonly staged: StagedItem;
}

/** A copy that cannot be sent now. */
export interface PutOff {
  readonly kind: 'put_off';
  readonly delivery: ClaimedDelivery;
  readonly settlement: Settlement;
}

/**
 * Prepares copies in the order in which their frames lie.
 *
 * @param connectors by source; a copy of a source that is not in it is put off
 */
export async function* prepareDeliveries(
  deps: ImportDeps,
  connectors: ReadonlyMap<string, RunningConnector>,
  deliveries: readonly ClaimedDelivery[],
  signal: AbortSignal,
): AsyncGenerator<PreparedDelivery | PutOff> {
  const attachments = await deps.ledger.attachmentsOfItems(deliveries.filter((delivery) => delivery.attachments > 0));
  for await (const opened of openFrames(deps, connectors, deliveries, signal)) {
    for (const one of opened) yield prepareOpened(deps, connectors, one, attachments.get(one.delivery.itemId) ?? []);
  }
}

/** The same of copies whose content is at hand. */
export function* prepareHanded(
  deps: ImportDeps,
  connectors: ReadonlyMap<string, RunningConnector>,
  copies: readonly HandedCopy[],
): Generator<PreparedDelivery | PutOff> {
  for (const { delivery, staged } of copies)
    yield prepareOpened(deps, connectors, { delivery, staged, lost: null }, []);
}

function prepareOpened(
  deps: ImportDeps,
  connectors: ReadonlyMap<string, RunningConnector>,
  { delivery, staged, lost }: OpenedDelivery,
  rows: readonly AttachmentRow[],
): PreparedDelivery | PutOff {
  if (lost !== null) return { kind: 'put_off', delivery, settlement: { state: 'failed', reason: lost } };
  const connector = connectors.get(delivery.sourceId);
  if (!staged || !connector) {
    return { kind: 'put_off', delivery, settlement: { state: 'pending', inSeconds: 60, reason: 'internal' } };
  }
  // Whoever asks the source for them (`fetch-attachments.ts`) makes it due when the last is there or given up.
  const settlement = waitingFor(rows);
  return settlement
    ? { kind: 'put_off', delivery, settlement }
    : prepareOrFail(deps, connector, delivery, staged, rows);
}

/** One message that we cannot make is that message's failure, and no other's. */
function prepareOrFail(
  deps: ImportDeps,
  connector: RunningConnector,
  delivery: ClaimedDelivery,
  staged: StagedItem,
  rows: readonly AttachmentRow[],
): PreparedDelivery | PutOff {
  try {
    return prepareOne(deps, connector, delivery, staged, rows);
  } catch (error) {
    const name = error instanceof Error ? error.name : 'unknown';
    deps.log.error({ deliveryId: delivery.id, name }, 'a message cannot be made');
    return { kind: 'put_off', delivery, settlement: { state: 'failed', reason: 'internal' } };
  }
}

function prepareOne(
  deps: ImportDeps,
  connector: RunningConnector,
  delivery: ClaimedDelivery,
  staged: StagedItem,
  rows: readonly AttachmentRow[],
): PreparedDelivery {
  return { kind: 'ready', delivery, ...planStaged(deps, connector, staged, rows) };
}

/** The message that is made of a staged item, and of its attachments as their rows are. */
export function planStaged(
  deps: Pick<ImportDeps, 'mailFacts' | 'settings'>,
  connector: RunningConnector,
  staged: StagedItem,
  rows: readonly AttachmentRow[],
): Omit<PreparedDelivery, 'kind' | 'delivery'> {
  const facts = deps.mailFacts(connector.kind);
  const { mended } = staged;
  const input = mailInputOf(staged, rows, {
    scope: scopeOf(connector),
    facts: { ...facts, messageClass: deps.settings.messageClass ?? facts.messageClass },
    unmappedDomain: deps.settings.unmappedDomain,
  });
  const plan = deliveryPlan(input);
  return {
    plan,
    // Without attachments it is the same, and need not hold the item.
    barePlan: plan.attachments.length === 0 ? always(plan) : () => deliveryPlan({ ...input, bare: true }),
    folderName: facts.folderName,
    attachments: stagedById(rows),
    shortfall: shortfallOf(rows, mended?.fields ?? []) ?? (plan.missing.length > 0 ? 'attachment_missing' : null),
    mended: mended !== undefined,
  };
}

function deliveryPlan(input: MailInput): DeliveryPlan {
  const { message, attachments, missing, contentHash, createBytes, json } = planMessage(input);
  // Planned anew where it is asked for, which is seldom, so that what the hash is made of need not be held till then.
  const contentHashOf: MessagePlan['contentHashOf'] =
    attachments.length === 0 ? always(contentHash) : (there) => planMessage(input).contentHashOf(there);
  return { attachments, missing, contentHash, contentHashOf, createBytes, json, itemProperty: message.itemProperty };
}

/** A function of its own, so that it holds nothing else: closures of one function hold what any of them names. */
function always<T>(value: T): () => T {
  return () => value;
}

const scopes = new WeakMap<RunningConnector, ItemScope>();

/** One object a connector: what is derived from it is remembered by identity. */
export function scopeOf(connector: RunningConnector): ItemScope {
  const scope = scopes.get(connector) ?? {
    organizationId: connector.organizationId,
    kind: connector.kind,
    account: connector.accountId,
  };
  scopes.set(connector, scope);
  return scope;
}

export type LostContent = 'content_damaged' | 'content_missing';

interface OpenedDelivery {
  readonly delivery: ClaimedDelivery;
  /** null where it cannot be read now */
  readonly staged: StagedItem | null;
  /** why it will never open: it is not what was sealed, or it is not there any more */
  readonly lost: LostContent | null;
}

/** Opens what is claimed, a page at a time. */
async function* openFrames(
  deps: ImportDeps,
  connectors: ReadonlyMap<string, RunningConnector>,
  deliveries: readonly ClaimedDelivery[],
  signal: AbortSignal,
): AsyncGenerator<readonly OpenedDelivery[]> {
  const byPage = new Map<string, ClaimedDelivery[]>();
  for (const delivery of deliveries) {
    const blob = pageName(delivery.organizationId, delivery.importId, delivery.page);
    const of = byPage.get(blob) ?? [];
    of.push(delivery);
    byPage.set(blob, of);
  }
  for (const [blob, of] of byPage) {
    const opened: OpenedDelivery[] = [];
    let isThere = true;
    const frames = of.flatMap((delivery) => {
      const connector = connectors.get(delivery.sourceId);
      if (!connector) return [];
      const identity = itemIdentity(scopeOf(connector), delivery.sourceItemId);
      return [{ blob, offset: delivery.frameOffset, length: delivery.frameLength, itemIdentity: identity, delivery }];
    });
    try {
      await openPage(deps, frames, signal, opened);
    } catch (error) {
      if (!(error instanceof StagedContentMissingError)) throw error;
      // Content that is kept moves to another page when its import closes; the row says where at the next claim.
      deps.log.warn({ blob }, 'a staged page is not where it was');
      isThere = false;
    }
    const whole = opened.filter(({ lost }) => lost === null);
    yield whole;
    if (whole.length === of.length) continue;
    const damaged = new Set(opened.filter(({ lost }) => lost !== null).map(({ delivery }) => delivery));
    const done = new Set(opened.map(({ delivery }) => delivery));
    const left = of.filter((delivery) => !done.has(delivery));
    const perhaps = [...damaged, ...(isThere ? [] : left)];
    // Rows move before their page is deleted, and when lost content was sealed again: where one still names this page,
    // nobody has moved it.
    const named = perhaps.length === 0 ? new Set<string>() : await deps.ledger.stillOnPage(perhaps);
    yield [...damaged, ...left].map((delivery) => {
      const why = damaged.has(delivery) ? 'content_damaged' : 'content_missing';
      const lost = named.has(delivery.id) ? why : null;
      if (lost === 'content_missing') deps.log.error({ itemId: delivery.itemId }, 'staged content is missing');
      return { delivery, staged: null, lost };
    });
  }
}

type DeliveryFrame = StagedFrame & { readonly delivery: ClaimedDelivery };

/**
 * @param into what was opened, also where the rest cannot be read
 * @throws StagedContentMissingError, StagingUnavailableError
 */
async function openPage(
  deps: ImportDeps,
  frames: readonly DeliveryFrame[],
  signal: AbortSignal,
  into: OpenedDelivery[],
): Promise<void> {
  const began = into.length;
  const opened = (frame: DeliveryFrame, body: Buffer | null, error: Error | null): void => {
    if (error) deps.log.error({ itemId: frame.delivery.itemId, reason: error.name }, 'a staged item does not open');
    const { staged, lost } = error instanceof TamperedError ? DAMAGED : decoded(body);
    into.push({ delivery: frame.delivery, staged, lost });
  };
  try {
    for await (const { frame, body, error } of deps.staging.readFrames(deps.keyRing, frames, signal)) {
      opened(frame, body, error);
    }
  } catch (error) {
    if (!(error instanceof TamperedError)) throw error;
    // The page was cut short: what lies before the cut opens by itself.
    const [only] = frames;
    if (frames.length === 1 && only) return opened(only, null, error);
    // They come in the order in which they were asked for.
    for (const frame of frames.slice(into.length - began)) await openPage(deps, [frame], signal, into);
  }
}

const DAMAGED = { staged: null, lost: 'content_damaged' } as const;

function decoded(body: Buffer | null): Pick<OpenedDelivery, 'staged' | 'lost'> {
  try {
    return { staged: body === null ? null : decodeFrame(body), lost: null };
  } catch {
    return DAMAGED;
  }
}

/** A copy is due when its last attachment is there or given up; only one that was in hand just then comes by itself. */
const LOOK_AGAIN_SECONDS = 60;

/** Why a copy waits: the attachment that is missing shortest, since that is asked for soonest. */
function waitingFor(rows: readonly AttachmentRow[]): Settlement | null {
  const missing = rows.filter(({ state }) => state === 'missing');
  const [first] = missing.toSorted((a, b) => a.missedSeconds - b.missedSeconds);
  if (!first) return null;
  const reason = first.reason === null ? null : reasonOfRow(first);
  return { state: 'pending', inSeconds: Math.max(askAgainSeconds(first.missedSeconds), LOOK_AGAIN_SECONDS), reason };
}
