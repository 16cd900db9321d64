/** What a message is marked with: follow-up flag, inbox classification, and whether receipts are wanted. */
import { GraphError } from './errors.ts';
import type { PatchInput } from './message-schema.ts';
import type { MessageFields } from './rows.ts';

type Marks = Pick<
  MessageFields,
  'flag' | 'inferenceClassification' | 'isDeliveryReceiptRequested' | 'isReadReceiptRequested'
>;

/**
 * The marks that a body sets; what it does not name is missing. A null takes the mark back.
 * @throws {GraphError} 400 for a due date without a start, as Graph's documentation of followupFlag says; its code is
 *   not documented
 */
export function marksOf(input: PatchInput): Partial<Marks> {
  const { flag, inferenceClassification, isDeliveryReceiptRequested, isReadReceiptRequested } = input;
  if (flag?.dueDateTime && !flag.startDateTime) {
    throw new GraphError(400, 'ErrorInvalidArgument', 'StartDateTime is required when DueDateTime is set.');
  }
  return {
    ...(flag !== undefined && {
      flag: flag?.flagStatus ? { ...withoutNulls(flag), flagStatus: flag.flagStatus } : undefined,
    }),
    ...(inferenceClassification !== undefined && { inferenceClassification: inferenceClassification ?? undefined }),
    ...(isDeliveryReceiptRequested !== undefined && {
      isDeliveryReceiptRequested: isDeliveryReceiptRequested ?? undefined,
    }),
    ...(isReadReceiptRequested !== undefined && { isReadReceiptRequested: isReadReceiptRequested ?? undefined }),
  };
}

function withoutNulls(flag: NonNullable<PatchInput['flag']>): Omit<NonNullable<MessageFields['flag']>, 'flagStatus'> {
  const { startDateTime, dueDateTime, completedDateTime } = flag;
  return {
    ...(startDateTime && { startDateTime: inZone(startDateTime) }),
    ...(dueDateTime && { dueDateTime: inZone(dueDateTime) }),
    ...(completedDateTime && { completedDateTime: inZone(completedDateTime) }),
  };
}

function inZone(time: { dateTime: string; timeZone?: string | null | undefined }): {
  dateTime: string;
  timeZone: string;
} {
  return { dateTime: time.dateTime, timeZone: time.timeZone ?? 'UTC' };
}
