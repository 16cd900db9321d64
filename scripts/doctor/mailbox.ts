/**
 * One real message in one real mailbox: written as an import writes it, found by its property, held against what was
 * written, and removed with its folder. What Microsoft's documentation leaves open is settled by it.
 */
import { type MailFacts, renderCreate } from '#lib/mail/plan.ts';
import { createMessage } from '#lib/mailbox/create.ts';
import { ensureFolder, findFolder } from '#lib/mailbox/folders.ts';
import { listWritten } from '#lib/mailbox/list-written.ts';
import { type ItemProperty, listCopies } from '#lib/mailbox/look-up.ts';
import { removeTrial, TRIAL_FOLDER, trialMessage } from '#lib/mailbox/trial-message.ts';
import { AppTokenError } from '#lib/microsoft/app-token.ts';
import { type DirectoryMailbox, resolveAddresses } from '#lib/microsoft/directory.ts';
import type { Download } from '#lib/microsoft/download.ts';
import type { Graph } from '#lib/microsoft/graph.ts';
import { GraphError } from '#lib/microsoft/graph-errors.ts';
import { codeOf, type Examination, type Finding } from './finding.ts';
import { holdAgainst } from './written-message.ts';

export interface MailboxParts {
  readonly graph: Graph;
  readonly download: Download;
  readonly facts: MailFacts;
  /** UNMAPPED_DOMAIN */
  readonly unmappedDomain: string;
}

const ATTACHMENT = Buffer.from('Written by npm run doctor. It may be deleted.\n');

/** @param address the person's, or a shared mailbox's */
export async function* examineMailbox(parts: MailboxParts, address: string): Examination {
  const about = `Mailbox ${address}`;
  try {
    const found = (await resolveAddresses(parts.graph, [address])).get(address.toLowerCase());
    if (found?.kind !== 'mailbox') {
      const why =
        found?.kind === 'no_mailbox' ? `no mailbox that may be opened (${found.reason})` : (found?.kind ?? 'none');
      yield {
        about,
        result: 'wrong',
        found: `In the directory: ${why}.`,
        toDo: 'Give the address of one person with a mailbox, inside the scope where there is one.',
      };
      return;
    }
    yield* examineMessage(parts, about, found);
  } catch (error) {
    yield {
      about,
      result: 'wrong',
      found: wordsOf(error),
      toDo: 'See what is said of the organization, and run it again. A message of this check lies in the folder "Archive portal check", if anywhere.',
    };
  }
}

async function* examineMessage(parts: MailboxParts, about: string, mailbox: DirectoryMailbox): Examination {
  const { graph } = parts;
  const { userId } = mailbox;
  // Long ago, so that its times are nobody's guess.
  const sentAt = new Date(Math.floor(Date.now() / 1000) * 1000 - 400 * 24 * 3_600_000);
  const words = { ...parts, writer: 'npm run doctor', sentAt, attachment: ATTACHMENT };
  const plan = trialMessage(words, mailbox, graph.tenantId);
  const before = await findFolder(graph, userId, TRIAL_FOLDER);
  const folderId = await ensureFolder(graph, userId, TRIAL_FOLDER);
  try {
    const bytes = new Map(plan.attachments.map(({ id }) => [id, ATTACHMENT]));
    const written = await createMessage(graph, { userId, folderId, json: renderCreate(plan, bytes) });
    if (written.kind !== 'created') {
      const why = written.error === null ? 'no answer' : wordsOf(written.error);
      yield {
        about: `${about}: written`,
        result: 'wrong',
        found: why,
        toDo: 'Nothing can be imported into this mailbox as it is: see the code, and ask Microsoft support with the request id.',
      };
      return;
    }
    yield {
      about: `${about}: written`,
      result: 'well',
      found: 'One message with an attachment.',
      settles: `senders and recipients without a mailbox may have addresses under ${parts.unmappedDomain}`,
    };
    yield* holdAgainst(parts, { about, userId, messageId: written.messageId, plan, sentAt });
    yield await isListed(graph, about, userId, written.messageId, plan.message.itemProperty);
  } finally {
    await removeTrial(graph, userId, plan);
    if (before === null)
      await graph.request({ method: 'DELETE', url: `/users/${userId}/mailFolders/${encodeURIComponent(folderId)}` });
  }
  const left = await listCopies(graph, userId, plan.message.itemProperty);
  yield left.length === 0
    ? { about: `${about}: removed`, result: 'well', found: 'Message and folder are gone.' }
    : {
        about: `${about}: removed`,
        result: 'beware',
        found: 'It is still found.',
        toDo: `Delete it by hand: its subject is "${plan.message.subject}".`,
      };
}

/** As after a restore of the database, when it is asked what was written since the backup. */
async function isListed(
  graph: Graph,
  about: string,
  userId: string,
  messageId: string,
  { id, value }: ItemProperty,
): Promise<Finding> {
  const prefix = value.slice(0, value.indexOf('.') + 1);
  const anHourAgo = new Date(Date.now() - 3_600_000);
  for await (const page of listWritten(graph, [userId], { id, prefix }, anHourAgo)) {
    if ('error' in page) return notListed(about, wordsOf(page.error));
    if (page.copies.some((copy) => copy.messageId === messageId)) {
      return {
        about: `${about}: listed`,
        result: 'well',
        found: 'It is among what was written since an hour ago.',
        settles: 'a mailbox can be searched by the beginning of a property and the time of the last change',
      };
    }
  }
  return notListed(about, 'It is not among what was written since an hour ago.');
}

const notListed = (about: string, found: string): Finding => ({
  about: `${about}: listed`,
  result: 'beware',
  found,
  toDo: 'After a restore of the database, messages that a lost mapping sent elsewhere would not be found. Report it.',
});

function wordsOf(error: unknown): string {
  if (error instanceof GraphError)
    return `Microsoft Graph: ${error.code} (HTTP ${error.status ?? 'none'}, request id ${error.requestId ?? 'none'}).`;
  return error instanceof AppTokenError ? `${error.message}.` : `It failed (${codeOf(error)}).`;
}
