/** A message that was just written, as the mailbox gives it back, held against what was to be written. */
import { z } from 'zod';
import type { MessagePlan } from '#lib/mail/plan.ts';
import { listCopies } from '#lib/mailbox/look-up.ts';
import { readBack } from '#lib/mailbox/read-back.ts';
import type { Download } from '#lib/microsoft/download.ts';
import type { Graph } from '#lib/microsoft/graph.ts';
import { bodyOf } from '#lib/microsoft/graph-errors.ts';
import type { Examination, Finding } from './finding.ts';

interface Reading {
  readonly graph: Graph;
  readonly download: Download;
}

interface Written {
  /** the mailbox, as findings name it */
  readonly about: string;
  readonly userId: string;
  readonly messageId: string;
  readonly plan: MessagePlan;
  /** sent and received, whole seconds */
  readonly sentAt: Date;
}

const CLASS_PROPERTY = 'String 0x001A';

/** @throws GraphError, AppTokenError */
export async function* holdAgainst(reading: Reading, written: Written): Examination {
  yield await foundAgain(reading, written);
  yield* propertiesOf(reading, written);
  yield await contentOf(reading, written);
}

async function foundAgain({ graph }: Reading, { about, userId, plan }: Written): Promise<Finding> {
  const copies = await listCopies(graph, userId, plan.message.itemProperty);
  const of = { about: `${about}: found again by its property` };
  if (copies.length === 1)
    return { ...of, result: 'well', found: 'Once.', settles: 'a named property is found at once after the create' };
  return {
    ...of,
    result: 'wrong',
    found: `${copies.length} times.`,
    toDo: 'Do not import: after an interruption a copy could not be told from a missing one. Raise LATE_COMMIT_SECONDS if it is found some minutes later.',
  };
}

const messageSchema = z.object({
  isDraft: z.boolean(),
  isRead: z.boolean(),
  sentDateTime: z.iso.datetime({ offset: true }),
  receivedDateTime: z.iso.datetime({ offset: true }),
  internetMessageId: z.string(),
  internetMessageHeaders: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  singleValueExtendedProperties: z.array(z.object({ id: z.string(), value: z.string() })).nullish(),
});

async function* propertiesOf({ graph }: Reading, { about, userId, messageId, plan, sentAt }: Written): Examination {
  const select = 'isDraft,isRead,sentDateTime,receivedDateTime,internetMessageId,internetMessageHeaders';
  const expand = `singleValueExtendedProperties($filter=id eq '${CLASS_PROPERTY}')`;
  const url = `/users/${userId}/messages/${encodeURIComponent(messageId)}?$select=${select}&$expand=${encodeURIComponent(expand)}`;
  const message = bodyOf(await graph.request({ method: 'GET', url }), messageSchema);
  // Graph writes the id in a form of its own (String 0x1a); only this one was asked for.
  const messageClass = message.singleValueExtendedProperties?.[0]?.value;
  const named = new Map((message.internetMessageHeaders ?? []).map(({ name, value }) => [name.toLowerCase(), value]));
  const lacking = plan.message.headers.filter(({ name, value }) => named.get(name.toLowerCase()) !== value);
  const isAt = (time: string): boolean => Date.parse(time) === sentAt.getTime();
  const check = (what: string, right: boolean, found: string, settles: string): Finding => ({
    about: `${about}: ${what}`,
    ...(right
      ? { result: 'well', found, settles }
      : {
          result: 'wrong',
          found,
          toDo: 'Do not import: the archive would say something else than the phone did. Report it with the version of the portal.',
        }),
  });
  yield check(
    'no draft, read',
    !message.isDraft && message.isRead,
    `Draft: ${message.isDraft}, read: ${message.isRead}.`,
    'message flags are honoured at creation',
  );
  yield check(
    'sent and received',
    isAt(message.sentDateTime) && isAt(message.receivedDateTime),
    `${message.sentDateTime} and ${message.receivedDateTime}; written: ${sentAt.toISOString()}.`,
    'the times of the message itself are kept',
  );
  yield check(
    'message class',
    messageClass === plan.message.messageClass,
    `${messageClass ?? 'none'}.`,
    'a message class of its own is kept (whether content search of your licence finds it, try with an eDiscovery search for it)',
  );
  yield check(
    'headers',
    lacking.length === 0,
    lacking.length === 0
      ? `All ${plan.message.headers.length}.`
      : `Missing or changed: ${lacking.map(({ name }) => name).join(', ')}.`,
    'headers of our own are kept',
  );
  yield check(
    'internet message id',
    message.internetMessageId === plan.message.internetMessageId,
    `${message.internetMessageId}.`,
    'the internet message id is kept',
  );
}

/** As `npm run verify-mailboxes` does it with every copy. */
async function contentOf({ graph, download }: Reading, { about, userId, messageId, plan }: Written): Promise<Finding> {
  const none = () => ({});
  const read = await readBack(graph, download, userId, messageId, { reading: none, streaming: none });
  const of = { about: `${about}: content read back` };
  if (read?.contentHash === plan.contentHash) {
    return {
      ...of,
      result: 'well',
      found: 'Text, parties and attachment are what was written.',
      settles: 'the content hash can be made again from the mailbox',
    };
  }
  return {
    ...of,
    result: 'beware',
    found: 'Something else than was written.',
    toDo: 'Imports work, but npm run verify-mailboxes would report every copy as changed. A transport rule or a disclaimer may change what is written.',
  };
}
