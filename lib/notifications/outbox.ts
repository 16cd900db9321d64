/**
 * What goes into the outbox. A webhook gets one notice for each event of its connector. A mail gathers: one for each
 * recipient and cause, however many connectors it is about, and no more of them than its pace allows.
 */
import { randomUUID } from 'node:crypto';
import type { Queryable } from '../db.ts';
import { causeOf, type NoticeContent, type Single, singlesOf } from './content.ts';
import { isOfAll } from './events.ts';
import * as store from './store/outbox.ts';
import { keyOf, type Target } from './targets.ts';

/** What one target is to be told of one connector. */
export interface ToTell {
  readonly target: Target;
  readonly content: Single;
}

/** Mails of one kind and cause to one recipient. The first go at once; what is more in a day gathers, and goes together. */
const SEVERAL: store.Pace = { atOnce: 5, thenEveryHours: 1, anewAfterEnd: false };
/** What is the whole organization's is told once, and once a day which connectors followed. */
const OF_ALL: store.Pace = { atOnce: 1, thenEveryHours: 24, anewAfterEnd: true };

/**
 * Puts what is to be told into the outbox, in the transaction of what it tells.
 *
 * @param isHeld whether a mail of this recipient and cause still waits for others of its kind; at most for a day
 */
export async function putIntoOutbox(
  client: Queryable,
  organizationId: string,
  toTell: readonly ToTell[],
  isHeld: (told: ToTell) => boolean = () => false,
): Promise<void> {
  if (toTell.length === 0) return;
  const notices = [...toTell.filter(({ target }) => target.channel !== 'email').map(alone), ...mailsOf(toTell, isHeld)];
  await store.supersedeOlder(client, organizationId, notices);
  await store.addNotices(client, organizationId, notices);
}

function alone({ target, content }: ToTell): store.NewNotice {
  return noticeOf(target, [content], content, false);
}

function mailsOf(toTell: readonly ToTell[], isHeld: (told: ToTell) => boolean): store.NewNotice[] {
  const mails = new Map<string, { target: Target; items: Single[]; held: boolean }>();
  for (const told of toTell) {
    const { target, content } = told;
    if (target.channel !== 'email') continue;
    const key = `${keyOf(target)} ${content.kind} ${causeOf(content)}`;
    const mail = mails.get(key);
    if (mail === undefined) mails.set(key, { target, items: [content], held: isHeld(told) });
    else mail.items.push(content);
  }
  return [...mails.values()].map(({ target, items, held }) => noticeOf(target, items, { kind: 'bundle', items }, held));
}

function noticeOf(target: Target, items: readonly Single[], content: NoticeContent, held: boolean): store.NewNotice {
  const [first] = items;
  if (first === undefined) throw new RangeError('a notice that says nothing');
  return {
    id: randomUUID(),
    connectorIds: connectorsOf(items),
    ...target,
    kind: first.kind,
    cause: causeOf(first),
    content,
    pace: first.kind === 'began' && isOfAll(first.subject) ? OF_ALL : SEVERAL,
    held,
  };
}

function connectorsOf(items: readonly Single[]): string[] {
  return [...new Set(items.map(({ connector }) => connector.id))];
}

/**
 * Takes conditions that are over out of notices of their beginning that never got through: their end tells both.
 *
 * @returns for a target and a condition, whether its beginning was among them
 */
export async function supersedeBeginnings(
  client: Queryable,
  organizationId: string,
  ended: readonly { readonly id: string; readonly connectorId: string }[],
): Promise<(target: Target, conditionId: string) => boolean> {
  const over = new Set(ended.map(({ id }) => id));
  const unsent = new Set<string>();
  const waiting = await store.pendingBeginnings(
    client,
    organizationId,
    ended.map(({ connectorId }) => connectorId),
  );
  const changed = waiting.flatMap((notice) => {
    const items = singlesOf(notice.content);
    const isOver = (item: Single): boolean => item.kind === 'began' && over.has(item.condition);
    for (const item of items)
      if (item.kind === 'began' && isOver(item)) unsent.add(`${keyOf(notice)} ${item.condition}`);
    const left = items.filter((item) => !isOver(item));
    if (left.length === items.length) return [];
    return [{ id: notice.id, connectorIds: connectorsOf(left), content: { kind: 'bundle' as const, items: left } }];
  });
  await store.replaceContents(client, organizationId, changed);
  return (target, conditionId) => unsent.has(`${keyOf(target)} ${conditionId}`);
}
