/**
 * Phones that speak a corpus. Message number `n` of the file (counted from 1) is the item with the id `n`; its text is
 * the text of the file, its arrival follows from its number, its parties from the conversation that it falls into.
 */

import { cycle, Draw, hash32 } from '../../random.ts';
import type { Tenant } from '../../world/people.ts';
import type { ArchivedItem, FeedEntry, FeedPosition, Party, Phones } from '../item.ts';
import { comparePositions } from '../item.ts';
import type { ArchiverKind } from '../kinds.ts';
import { ownersOf } from '../owners.ts';
import type { Corpus } from './read-corpus.ts';

export interface CorpusPhonesOptions {
  readonly corpus: Corpus;
  readonly tenant: Tenant;
  readonly kind: ArchiverKind;
  /** arrivals are spread evenly over [from, to), ms since the epoch; at least as many ms as messages */
  readonly from: number;
  readonly to: number;
}

/** messages in a row that one owner and one peer exchange */
const CONVERSATION = 8;
/** one conversation in so many is between two colleagues */
const COLLEAGUES = 9;

/** The same options always give the same feed. */
export function corpusPhones({ corpus, tenant, kind, from, to }: CorpusPhonesOptions): Phones {
  const [first, ...others] = ownersOf(tenant).map((owner) => owner.party);
  if (first === undefined) return { archivedBetween: () => [], attachment: () => null };
  const owners = [first, ...others] as const;
  const step = (to - from) / corpus.length;

  const arrivalOf = (index: number): number => Math.floor(from + index * step);

  const entryOf = (index: number, { text, author }: Corpus[number]): FeedEntry => {
    const conversation = Math.floor(index / CONVERSATION);
    const draw = new Draw('conversation', conversation);
    const ownerIndex = draw.between(0, owners.length);
    const owner = cycle(owners, ownerIndex);
    const amongColleagues = conversation % COLLEAGUES === 0 && owners.length > 1;
    const peer = amongColleagues ? cycle(owners, ownerIndex + draw.between(1, owners.length)) : outsider(author);
    const outgoing = hash32('direction', index) % 2 === 0;
    const at = arrivalOf(index);
    const id = String(index + 1);
    const item: ArchivedItem = {
      id,
      type: kind.text,
      messageKey: null,
      direction: outgoing ? 'outgoing' : 'incoming',
      owner,
      sender: outgoing ? owner : peer,
      recipients: [outgoing ? peer : owner],
      messageTime: new Date(at - 1_000 - (hash32('delay', index) % 20_000)).toISOString(),
      archivedTime: new Date(at).toISOString(),
      conversationId: `corpus-${owner.mobile}-${peer.mobile}`,
      groupName: null,
      subject: null,
      text,
      attachments: [],
      call: null,
    };
    return { at, id, occurrence: 0, item };
  };

  function* archivedBetween(begin: number, end: number, after?: FeedPosition): Generator<FeedEntry> {
    const earliest = Math.max(begin, after?.at ?? begin);
    let index = Math.max(0, Math.floor((earliest - from) / step) - 1);
    for (; index < corpus.length && arrivalOf(index) < end; index += 1) {
      const message = corpus[index];
      if (message === undefined || arrivalOf(index) < earliest) continue;
      const entry = entryOf(index, message);
      if (after === undefined || comparePositions(entry, after) > 0) yield entry;
    }
  }

  return { archivedBetween, attachment: () => null };
}

/** The author's number: one of a range set aside for fiction, in an area that none of the tenants' people have. */
function outsider(author: string): Party {
  const hash = hash32('author', author);
  const area = 300 + (hash % 200);
  return { mobile: `+1${area}55501${String(Math.floor(hash / 256) % 100).padStart(2, '0')}`, email: null, name: null };
}
