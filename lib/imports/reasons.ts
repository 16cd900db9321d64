/**
 * Why something is not imported, or an import does not go on: one list of codes, each with a sentence for the
 * administrator and what to do. The code is what the ledger stores; the words may be bettered at any time. Pure.
 */

export interface Reason {
  /** what happened, in a sentence */
  readonly sentence: string;
  /** what the administrator can do; null where nothing is needed */
  readonly remedy: string | null;
}

export const REASONS = {
  // waiting for mapping
  not_mapped: {
    sentence: 'No mailbox is known for this number.',
    remedy: 'Map the number to a mailbox.',
  },
  mailbox_not_found: {
    sentence: 'Nobody in the directory has the address that the number is mapped to.',
    remedy: 'Correct the address in the mapping.',
  },
  guest: {
    sentence: 'The address belongs to a guest. Guests have no mailbox here.',
    remedy: 'Map the number to a member of this organization.',
  },
  no_mailbox: {
    sentence: 'The user has no mailbox that this portal can open.',
    remedy: 'Assign a mailbox to the user, or map the number to another one.',
  },
  mailbox_closed: {
    sentence: 'This application may not open this mailbox.',
    remedy:
      'Put the mailbox into the scope of the application in Exchange, or map the number to a mailbox inside it. After that it takes up to 2 hours.',
  },
  ambiguous_address: {
    sentence: 'Two people have this address.',
    remedy: 'Correct the directory, or map the number to an address that only one person has.',
  },
  ambiguous_number: {
    sentence: 'This national number could belong to two mailboxes.',
    remedy: 'Check the default region, or map the number in its international form.',
  },
  foreign_address: {
    sentence: 'The e-mail address is not in a verified domain of this organization.',
    remedy: 'Map the number to a mailbox of this organization.',
  },
  // skipped
  twin: {
    sentence: 'Another phone archived the same message; its copy is already in this mailbox.',
    remedy: null,
  },
  same_mailbox: {
    sentence: 'Another participant of this message has the same mailbox; it holds one copy.',
    remedy: null,
  },
  // unreadable
  unreadable_schema: {
    sentence: 'The source sent an item whose id, owner or sender cannot be understood.',
    remedy: 'Ask TeleMessage about this item. Its content is kept.',
  },
  unreadable_type: {
    sentence: 'The source sent an item of a type that this version does not know.',
    remedy: 'Update this portal. The content is kept.',
  },
  changed_at_source: {
    sentence:
      'The source sent other content under an id that it had used before. The first content is in the mailboxes.',
    remedy: 'Ask TeleMessage why the item changed. The other content is kept.',
  },
  mended_at_source: {
    sentence:
      'The source sent this item in a form that could not be read, and again in one that can. The latter is imported.',
    remedy: null,
  },
  // failed or partially imported
  mailbox_full: {
    sentence: 'The mailbox is full.',
    remedy: 'Make room in the mailbox, then retry.',
  },
  too_large: {
    sentence: 'The mailbox does not accept messages of this size.',
    remedy: 'Raise the mailbox’s message size limit, then retry.',
  },
  access_denied: {
    sentence: 'This application may not open this mailbox: Microsoft 365 refuses it.',
    remedy: 'Put the mailbox into the scope of the application, or see its application access policy, then retry.',
  },
  refused_message: {
    sentence: 'Microsoft 365 refuses this message as it is.',
    remedy: 'Retry after an update of this portal. The content is kept.',
  },
  content_damaged: {
    sentence: 'The content that was kept for this message was altered and does not open.',
    remedy: 'Retry: its day is then read from TeleMessage again. Tell the operator that the storage alters content.',
  },
  content_missing: {
    sentence: 'The content that was kept for this message is not in the storage any more.',
    remedy:
      'Retry: what the operator restored is sent, and the rest is read from TeleMessage again. Tell the operator that the storage loses content.',
  },
  content_sought: {
    sentence: 'The content that was kept for this message is lost, and its day is read from TeleMessage again.',
    remedy: 'Wait for that import. Should this stand when it is complete, retry.',
  },
  content_not_given_again: {
    sentence: 'The content that was kept for this message is lost, and TeleMessage did not give it again as it was.',
    remedy:
      'Ask the operator to restore it, then retry. Ask TeleMessage for the message otherwise; what it lists now under the same id, if anything, is kept as a change.',
  },
  attachment_missing: {
    sentence:
      'Several attachments could not be archived, for different reasons. The message was imported and names each.',
    remedy: 'Ask TeleMessage about the attachments.',
  },
  attachment_not_ready: {
    sentence: 'The phone has not sent this attachment to TeleMessage.',
    remedy:
      'It is asked for again for 24 hours, then the message is imported without it. Check that the phone is online.',
  },
  attachment_gone: {
    sentence: 'TeleMessage says that it no longer holds this attachment.',
    remedy: 'It is asked for again for 24 hours, then the message is imported without it. Ask TeleMessage about it.',
  },
  attachment_unknown: {
    sentence: 'TeleMessage lists this attachment and does not know it when asked for it.',
    remedy: 'It is asked for again for 24 hours, then the message is imported without it. Ask TeleMessage about it.',
  },
  attachment_broke_off: {
    sentence: 'TeleMessage does not give out this attachment to its end.',
    remedy: 'It is asked for again for 24 hours, then the message is imported without it. Ask TeleMessage about it.',
  },
  attachment_changed: {
    sentence: 'This attachment changed at TeleMessage each time it was read.',
    remedy: 'It is asked for again for 24 hours, then the message is imported without it. Ask TeleMessage about it.',
  },
  attachment_bad_answer: {
    sentence: 'TeleMessage gave an answer for this attachment that cannot be understood.',
    remedy: 'It is asked for again for 24 hours, then the message is imported without it. Ask TeleMessage about it.',
  },
  attachment_throttled: {
    sentence: 'TeleMessage asks us to wait each time this attachment is asked for.',
    remedy: 'It is asked for again for 24 hours, then the message is imported without it. Ask TeleMessage about it.',
  },
  attachment_differs: {
    sentence: 'This attachment is not what TeleMessage had announced: its size or its hash is another.',
    remedy:
      'It is asked for again for 24 hours, then it is archived as it comes and the message says so. Ask TeleMessage which is right.',
  },
  attachment_too_large: {
    sentence: 'This attachment is larger than 150 MB, more than a mailbox takes. The message was imported without it.',
    remedy: 'Ask TeleMessage for the attachment and keep it elsewhere.',
  },
  attachment_not_understood: {
    sentence: 'The source listed an attachment that cannot be understood. The message carries the item as it came.',
    remedy: 'Ask TeleMessage about the attachment.',
  },
  item_mended: {
    sentence: 'Parts of this item could not be understood. The message was imported and carries the item as it came.',
    remedy: null,
  },
  removed_meanwhile: {
    sentence: 'Somebody removed the message from the mailbox while its attachments were being added.',
    remedy: 'Put the mailbox on hold so that archived messages stay.',
  },
  found_unfinished: {
    sentence:
      'After the restore the message was found in a mailbox that the confirmed mapping does not name, and an attachment is missing there. Nothing is added to it.',
    remedy:
      'Correct the number for that time under User mapping → Correct misfiled messages: the whole message then goes to the right mailbox.',
  },
  attachment_refused: {
    sentence: 'The mailbox does not accept an attachment, mostly for its size. The message was imported without it.',
    remedy: 'Raise the mailbox’s message size limit. The attachment is kept until somebody signs it off.',
  },
  missing_in_mailbox: {
    sentence: 'The message was imported and is not in the mailbox any more.',
    remedy:
      'Put the mailbox on hold so that archived messages stay. It is not imported again by itself. Sign the copy off under Not imported when you have seen to it, and close the alert.',
  },
  delivery_not_known: {
    sentence:
      'Nobody knows whether the message is in the mailbox: Microsoft 365 let this portal in no more before it could be looked for.',
    remedy: null,
  },
  one_user_first: {
    sentence: 'One user is imported first; the copies of all others are held back until somebody lets them follow.',
    remedy: 'Choose “Import everybody” on the Summary tab. What is not to be imported can be signed off.',
  },
  // an import that does not go on, or a connector that stopped
  invalid_credentials: {
    sentence: 'TeleMessage does not accept the username or password.',
    remedy: 'Update the password.',
  },
  suspended: {
    sentence: 'TeleMessage has suspended this account.',
    remedy: 'Ask TeleMessage to activate it.',
  },
  pin_required: {
    sentence: 'The TeleMessage account needs a PIN.',
    remedy: 'Use an administration account without one.',
  },
  kind_not_ordered: {
    sentence: 'This archiver is not ordered for the TeleMessage account.',
    remedy: 'Order it from TeleMessage.',
  },
  consent_missing: {
    sentence: 'Microsoft 365 no longer lets this portal into the organization.',
    remedy: 'Give admin consent again.',
  },
  app_credential_refused: {
    sentence: 'Entra ID does not accept this portal’s own secret or certificate.',
    remedy: 'Ask the operator to renew it.',
  },
  source_unreachable: {
    sentence: 'TeleMessage cannot be reached.',
    remedy: 'It is tried again by itself. Check that HTTPS to TeleMessage is allowed if this goes on.',
  },
  source_throttled: {
    sentence: 'TeleMessage asks us to wait.',
    remedy: null,
  },
  source_bad_answer: {
    sentence: 'TeleMessage gave an answer that cannot be understood.',
    remedy: 'It is tried again by itself. Ask TeleMessage if this goes on.',
  },
  source_page_too_large: {
    sentence: 'TeleMessage’s list of items came in larger pieces than this portal reads.',
    remedy:
      'It is read again in smaller ones by itself. Ask TeleMessage about a single item over 64 MB if this goes on.',
  },
  storage_unreachable: {
    sentence: 'This portal’s own database or storage cannot be reached.',
    remedy: 'It goes on by itself when it is back. Tell the operator if this goes on.',
  },
  graph_unreachable: {
    sentence: 'Microsoft 365 cannot be reached.',
    remedy: 'It is tried again by itself. Check that HTTPS to Microsoft Graph is allowed if this goes on.',
  },
  internal: {
    sentence: 'This portal made a mistake. Nothing is lost.',
    remedy: 'It is tried again by itself. Report it with the reference if this goes on.',
  },
  other_account: {
    sentence: 'The username belongs to another TeleMessage account than this connector.',
    remedy: 'Update the login to one of this account, or add a connector for the other account.',
  },
  // alerts
  message_twice: {
    sentence: 'A mailbox has a message twice: once from each of two phones.',
    remedy: 'Nothing is lost. Remove one of them if you must, and close the alert.',
  },
  lost_at_source: {
    sentence: 'TeleMessage no longer had some of the time that was to be imported, or compared, when its turn came.',
    remedy: 'Ask TeleMessage for an export of that time, and close the alert when you have seen to it.',
  },
  keeps_failing: {
    sentence: 'A window could not be imported several times.',
    remedy: 'Look at the import for the reason. It is tried again by itself, and the others go on.',
  },
  not_planned: {
    sentence: 'For two days nothing new could be planned: TeleMessage does not say how far its archive is complete.',
    remedy: 'It is asked again by itself. Ask TeleMessage, and check that HTTPS to it is allowed.',
  },
  source_silent: {
    sentence: 'TeleMessage cannot be reached, or does not say how far its archive is complete.',
    remedy:
      'It is asked again by itself, and what was missed is imported as far back as TeleMessage keeps it. Ask TeleMessage whether it has an outage, and check that HTTPS to it is allowed.',
  },
  overdue: {
    sentence: 'An import, or what was sent again of one, has not come to its end for more than two days.',
    remedy: 'Look at the import for what it waits for.',
  },
  mapping_waits: {
    sentence: 'A program sent a mapping that it may not apply by itself. It waits for an administrator.',
    remedy: 'Review the proposed version under User mapping: apply it, or discard it.',
  },
  does_not_balance: {
    sentence: 'The numbers of an import do not add up.',
    remedy: 'Look at the import. Nothing of it is deleted.',
  },
  day_does_not_balance: {
    sentence: 'The numbers of a day do not add up.',
    remedy: 'Look at the imports of that day. Nothing of it is deleted.',
  },
  manifest_differs: {
    sentence: 'TeleMessage counts other items for this window than it listed.',
    remedy:
      'The window is read again after one day and after seven. Ask TeleMessage if it still differs then, and close the alert.',
  },
  restored: {
    sentence: 'The database was restored from a backup, and what changed since is gone.',
    remedy:
      'Confirm the user mapping on the connector’s Summary, and upload a newer file before where there was one. Then mailboxes are compared, everything since the backup is collected again, and looked for in its mailbox before it is sent.',
  },
  found_elsewhere: {
    sentence: 'After the restore, messages were found in mailboxes that the confirmed mapping does not name.',
    remedy:
      'Nothing was sent a second time. If a newer mapping is missing, upload it. If not, User mapping → Correct misfiled messages lists them. Close the alert when you have seen to it.',
  },
  not_compared: {
    sentence: 'After the restore, some mailboxes could not be compared: Microsoft 365 did not open them.',
    remedy:
      'A message that was sent there by a mapping that was lost is not found, and may have been sent to its mailbox as well. History names how many. Close the alert when you have seen to it.',
  },
  compare_stalls: {
    sentence:
      'After the restore, the search of the mailboxes stands still: Microsoft 365 was asked for an hour and did not answer. Nothing is imported meanwhile.',
    remedy:
      'It is tried again by itself. Where mailboxes are named, see to them in Microsoft 365, or ask the operator to go on without them.',
  },
  import_cancelled: {
    sentence: 'Somebody cancelled an import. Its window stays open.',
    remedy: 'Import the window again, or leave it to the next import.',
  },
  feed_never_ends: {
    sentence: 'TeleMessage’s list of items for this window does not end. What it listed so far is imported.',
    remedy: 'It is read on by itself from time to time. Ask TeleMessage to mend the list.',
  },
} as const satisfies Record<string, Reason>;

export type ReasonCode = keyof typeof REASONS;

/** Why a copy, or an attachment of it, is not there: what was sealed here is lost. The source may give it once more. */
export const CONTENT_LOST = [
  'content_missing',
  'content_damaged',
  'content_sought',
  'content_not_given_again',
] as const satisfies readonly ReasonCode[];

/** @param reason a stored code */
export function isContentLost(reason: string | null): boolean {
  return (CONTENT_LOST as readonly (string | null)[]).includes(reason);
}

/**
 * Reasons of a stop that are the source's: it lets us in no more. Nothing new is planned or collected then. What is here
 * already needs nothing of it, and is delivered.
 */
export const STOPPED_BY_SOURCE = [
  'invalid_credentials',
  'suspended',
  'pin_required',
  'kind_not_ordered',
  'other_account',
] as const satisfies readonly ReasonCode[];

/** Whether a connector that was stopped for this reason may still write into mailboxes; null: it was not stopped. */
export function mayDeliver(stoppedReason: string | null): boolean {
  return stoppedReason === null || (STOPPED_BY_SOURCE as readonly string[]).includes(stoppedReason);
}

/** Whether a stored text is a code of this version. */
export function isReasonCode(code: string): code is ReasonCode {
  return Object.hasOwn(REASONS, code);
}

/** The words for a stored code. A code of another version is named in a sentence. */
export function reasonOf(code: string): Reason {
  if (isReasonCode(code)) return REASONS[code];
  return {
    sentence: `This version of the portal has no words for the reason “${code}”.`,
    remedy: 'Update this portal.',
  };
}
