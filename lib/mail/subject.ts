/**
 * Subjects: type and counterpart, nothing of the text, so that all messages of a conversation have the same one and mail
 * clients thread them. Calls say how they went.
 */
import type { Item, ItemType, Party } from '#lib/archive/item.ts';
import { cleanLine } from './line.ts';
import { counterparts, type Parties, shortName } from './parties.ts';

/** Exchange keeps 255 characters of a subject. */
const SUBJECT_LIMIT = 255;
const NAME_LIMIT = 60;
const NAMES_SHOWN = 3;

type MessageType = Exclude<ItemType, 'voiceCall' | 'callLog'>;

const WORDS: Record<MessageType, { readonly one: string; readonly group: string }> = {
  sms: { one: 'SMS', group: 'Group SMS' },
  mms: { one: 'MMS', group: 'Group MMS' },
  chat: { one: 'Chat', group: 'Group chat' },
  file: { one: 'File', group: 'Group file' },
  deletedMessage: { one: 'Deleted message', group: 'Deleted group message' },
};

export function subjectOf(item: Item, parties: Parties): string {
  const others = counterparts(item);
  const subject =
    item.type === 'voiceCall' || item.type === 'callLog'
      ? callSubject(item, others, parties)
      : messageSubject(item.type, item, others, parties);
  return cleanLine(subject, SUBJECT_LIMIT);
}

/** `Anna`, `Anna and Ben`, `Anna, Ben, Cem and 2 others`; the owner where nobody else is there. */
export function namesOf(others: readonly Party[], owner: Party, parties: Parties): string {
  const shown = (others.length === 0 ? [owner] : others.slice(0, NAMES_SHOWN)).map((party) =>
    cleanLine(shortName(party, parties), NAME_LIMIT),
  );
  const hidden = others.length - shown.length;
  if (hidden > 0) return `${shown.join(', ')} and ${hidden} other${hidden === 1 ? '' : 's'}`;
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

function messageSubject(type: MessageType, item: Item, others: readonly Party[], parties: Parties): string {
  const words = WORDS[type];
  const groupName = cleanLine(item.groupName ?? '', SUBJECT_LIMIT);
  if (groupName !== '') return `${words.group}: ${groupName}`;
  return `${others.length > 1 ? words.group : words.one} with ${namesOf(others, item.owner, parties)}`;
}

function callSubject(item: Item, others: readonly Party[], parties: Parties): string {
  const names = namesOf(others, item.owner, parties);
  const direction = item.direction === 'incoming' ? 'from' : 'to';
  switch (item.call?.status) {
    case 'missed':
      return `Missed call ${direction} ${names}`;
    case 'rejected':
      return `Rejected call ${direction} ${names}`;
    case 'voicemail':
      return `Voicemail ${direction} ${names}`;
    default:
      return `Call with ${names}`;
  }
}
