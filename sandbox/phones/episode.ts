/**
 * One day's part of a thread, as the entries that it leaves in the feed. Everything follows from the day and the number
 * of the episode, so any episode can be made by itself.
 */

import { cycle, Draw, hash32 } from '../random.ts';
import type { ArchivedItem, AttachmentEntry, Call, FeedEntry, Party } from './item.ts';
import { type ContentKind, contentOf, formatOf, recordingSeconds } from './media/catalogue.ts';
import { addRepetition, type Oddity, unreadableType, withUnknownField } from './oddities.ts';
import { DAY_MS } from './rhythm.ts';
import { fill, type Line } from './scripts/script.ts';
import { wordsFor } from './scripts/words.ts';
import type { Speaker, Thread, ThreadWorld } from './threads.ts';

export interface EpisodePlan {
  readonly world: ThreadWorld;
  readonly thread: Thread;
  /** begins every item id of this episode; unique within the account */
  readonly idPrefix: string;
  /** which time the thread speaks, counted since 1970: chooses script and scene */
  readonly round: number;
  /** arrival of the first entry is at or after this, ms */
  readonly start: number;
  /** arrival of the last entry is before start + span, ms */
  readonly span: number;
  readonly oddity: Oddity | null;
}

/** One message or call before it is seen from each archived phone. */
interface Utterance {
  readonly speaker: Speaker;
  readonly hearers: readonly Speaker[];
  readonly text: string | null;
  readonly media: ContentKind | null;
  readonly call: { readonly status: Call['status']; readonly recording: number | null } | null;
}

/** The entries of an episode in feed order. */
export function entriesOf(plan: EpisodePlan): FeedEntry[] {
  const draw = new Draw(plan.idPrefix, 'episode');
  const utterances = withOddity(plan, utterancesOf(plan, draw));
  const share = (plan.span * (0.25 + 0.7 * draw.fraction())) / (utterances.length + 1);
  const lateBy = plan.oddity === 'late' ? draw.between(2, 10) * DAY_MS : 0;
  const entries = utterances.flatMap((utterance, at) => {
    const arrival = plan.start + Math.floor(share * (at + 0.8 * draw.fraction()));
    return copiesOf(plan, utterance, at, arrival, share, lateBy, draw);
  });
  return addRepetition(entries, plan.oddity).sort(
    (a, b) => a.at - b.at || (a.id < b.id ? -1 : 1) || a.occurrence - b.occurrence,
  );
}

function utterancesOf(plan: EpisodePlan, draw: Draw): Utterance[] {
  const { thread, round, world } = plan;
  const run = Math.floor(round / 3);
  const words = wordsFor(new Draw(world.seed, 'words', thread.number, run), thread.language);
  if (thread.service !== null) return [fromService(thread, words, round, draw)];
  const [owner, peer] = thread.speakers;
  const names = { ...words, me: owner.firstName, peer: peer?.firstName ?? '', group: thread.groupName ?? '' };
  if (thread.style === 'calls' && peer !== undefined) return callsBetween(owner, peer, world, draw);
  const chosen = cycle(thread.scripts, hash32(world.seed, 'script', thread.number) + run);
  const scene = chosen.scenes[((round % 3) + 3) % 3] ?? chosen.scenes[0];
  return scene.map((line) => spoken(line, thread, names, world));
}

function spoken(line: Line, thread: Thread, names: Record<string, string>, world: ThreadWorld): Utterance {
  const speaker = thread.speakers[line.speaker % thread.speakers.length] ?? thread.speakers[0];
  // a script is written from the owner's side: who answers calls the owner by name
  const seen = line.speaker === 1 ? { ...names, peer: names.me ?? '' } : names;
  return {
    speaker,
    hearers: thread.speakers.filter((other) => other !== speaker),
    text: fill(line.text, seen),
    media: world.kind.media === null ? null : line.media,
    call: null,
  };
}

function fromService(thread: Thread, words: Record<string, string>, round: number, draw: Draw): Utterance {
  const service = thread.service ?? { sender: 'INFO', texts: ['{ref}'] as const };
  const sender = fill(service.sender, words);
  const party: Party = { mobile: sender, email: null, name: draw.chance(0.2) ? sender : null };
  return {
    speaker: { party, firstName: sender, archived: false },
    hearers: [thread.speakers[0]],
    text: fill(cycle(service.texts, round), words),
    media: null,
    call: null,
  };
}

/** A call that goes wrong and one that does not, as calls do. Only what the archiver takes. */
function callsBetween(owner: Speaker, peer: Speaker, { kind }: ThreadWorld, draw: Draw): Utterance[] {
  const call = (outgoing: boolean, status: Call['status'], recorded: boolean): Utterance => ({
    speaker: outgoing ? owner : peer,
    hearers: [outgoing ? peer : owner],
    text: null,
    media: recorded ? 'recording' : null,
    call: { status, recording: recorded ? draw.between(0, formatOf('recording').variants) : null },
  });
  const incoming = draw.chance(0.5);
  const first = draw.pick([
    call(!incoming, 'missed', false),
    call(!incoming, 'rejected', false),
    call(!incoming, 'voicemail', true),
    call(!incoming, 'answered', false),
  ]);
  const follow = call(incoming, 'answered', true);
  const text: Utterance = {
    speaker: owner,
    hearers: [peer],
    text: draw.pick(betweenCalls(first.speaker === owner, first.call?.status === 'answered')),
    media: null,
    call: null,
  };
  const all = draw.chance(0.4) ? [first, text, follow] : [first, follow];
  return all.filter((one) => one.call === null || (one.call.recording === null ? kind.callLogs : kind.recordings));
}

/** What the owner writes between a call and the one back. */
function betweenCalls(called: boolean, answered: boolean): readonly [string, ...string[]] {
  if (answered) {
    return called
      ? ['Forgot one thing, can you ring me once more?', 'Thanks! Call me when you have asked them']
      : ['Forgot one thing, I ring you again', 'I asked them. Calling you back'];
  }
  return called
    ? ['Missed you, call me when you can 📞', 'Tried to reach you, nothing urgent']
    : ['Sorry, was in a meeting. I call you back', 'Saw your call, one minute 📞'];
}

function withOddity({ oddity, thread, world }: EpisodePlan, utterances: Utterance[]): Utterance[] {
  const [first] = utterances;
  const alone = first === undefined || thread.speakers.length < 2;
  if (oddity !== 'video' || world.kind.media === null || alone) return utterances;
  return [...utterances, { ...first, text: '🎥', media: 'video', call: null }];
}

/** The utterance as each archived phone delivers it: the speaker's own, and the hearers'. */
function copiesOf(
  plan: EpisodePlan,
  utterance: Utterance,
  at: number,
  arrival: number,
  share: number,
  lateBy: number,
  draw: Draw,
): FeedEntry[] {
  const phones = [utterance.speaker, ...utterance.hearers].filter((one) => one.archived);
  const said = arrival - lateBy - draw.between(800, 15_000);
  const several = utterance.hearers.length > 1;
  const variant = utterance.call?.recording ?? draw.between(0, 1_000_000);
  const odd = at === 0 ? plan.oddity : null;
  return phones.map((phone, copy) => {
    const archivedAt =
      arrival + (copy === 0 ? 0 : 1 + Math.floor(((0.15 * share) / phones.length) * copy * draw.fraction()));
    const id = `${plan.idPrefix}-${at.toString(36)}${String.fromCharCode(97 + copy)}`;
    const item = itemOf(plan, utterance, phone, { id, archivedAt, said, several, variant, keyed: phones.length > 1 });
    return { at: archivedAt, id, occurrence: 0, item: disfigured(item, odd, plan) };
  });
}

interface CopyTraits {
  readonly id: string;
  readonly archivedAt: number;
  readonly said: number;
  readonly several: boolean;
  readonly variant: number;
  readonly keyed: boolean;
}

function itemOf(plan: EpisodePlan, utterance: Utterance, phone: Speaker, traits: CopyTraits): ArchivedItem {
  const { thread, world } = plan;
  const outgoing = phone === utterance.speaker;
  const lasted =
    utterance.call === null || utterance.call.recording === null
      ? 0
      : recordingSeconds(utterance.call.recording) * 1_000;
  const unrecorded =
    utterance.call?.status === 'answered' && utterance.call.recording === null
      ? 1_000 * (20 + (traits.variant % 400))
      : 0;
  const begun = traits.said - lasted - unrecorded;
  const attachments = utterance.media === null ? [] : [attached(traits.id, utterance.media, traits.variant)];
  return {
    id: traits.id,
    type: typeOf(utterance, world, traits.several),
    messageKey: thread.keyed && traits.keyed ? `k-${traits.id.slice(0, -1)}` : null,
    direction: outgoing ? 'outgoing' : 'incoming',
    owner: phone.party,
    sender: utterance.speaker.party,
    recipients: utterance.hearers.map((hearer) => hearer.party),
    messageTime: new Date(begun).toISOString(),
    archivedTime: new Date(traits.archivedAt).toISOString(),
    conversationId: thread.conversationId,
    groupName: thread.groupName,
    subject: null,
    text: utterance.text,
    attachments,
    call:
      utterance.call === null
        ? null
        : {
            status: utterance.call.status,
            startTime: new Date(begun).toISOString(),
            endTime: new Date(begun + lasted + unrecorded).toISOString(),
            durationMs: lasted + unrecorded,
          },
  };
}

function typeOf(utterance: Utterance, { kind }: ThreadWorld, several: boolean): string {
  if (utterance.call !== null) return utterance.call.recording === null ? 'callLog' : 'voiceCall';
  if (kind.media === null) return kind.text;
  if (kind.text === 'chat') return utterance.media === null ? 'chat' : 'file';
  // a text to several people travels as a multimedia message
  return utterance.media !== null || several ? kind.media : kind.text;
}

function attached(itemId: string, kind: ContentKind, chosen: number): AttachmentEntry {
  const format = formatOf(kind);
  const content = contentOf(kind, chosen % format.variants);
  return {
    id: `${itemId}.1`,
    // the same file has the same name on every phone
    name: format.name(hash32(itemId.slice(0, -1))),
    contentType: format.contentType,
    size: content.size,
    sha256: content.sha256,
  };
}

function disfigured(item: ArchivedItem, oddity: Oddity | null, { world }: EpisodePlan): ArchivedItem {
  switch (oddity) {
    case 'unknownType':
      return unreadableType(item);
    case 'impossibleDate':
      // seen in the wild; see the domain facts
      return { ...item, messageTime: '57300-06-03T18:46:03Z' };
    case 'unknownField':
      return withUnknownField(item);
    case 'deleted':
      return world.kind.deletions && item.type === 'chat' ? { ...item, type: 'deletedMessage' } : item;
    default:
      return item;
  }
}
