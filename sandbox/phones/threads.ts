/**
 * Who talks with whom. A thread is a conversation that goes on for weeks: its parties, its language, its scripts. Thread
 * number `n` of a feed is always the same one.
 */

import { cycle, Draw, hash32 } from '../random.ts';
import type { Party } from './item.ts';
import type { ArchiverKind } from './kinds.ts';
import { nationalForm, type Owner } from './owners.ts';
import { english } from './scripts/english.ts';
import { groups } from './scripts/groups.ts';
import { byLanguage, type Language } from './scripts/languages.ts';
import type { Script } from './scripts/script.ts';
import { brands, mailed, type Service, shortCodes } from './scripts/services.ts';
import { peerName } from './scripts/words.ts';

export type ThreadStyle = 'direct' | 'foreign' | 'colleagues' | 'group' | 'brand' | 'shortCode' | 'mailed' | 'calls';

/** One of the parties of a thread. Those with an archived phone are owners. */
export interface Speaker {
  readonly party: Party;
  readonly firstName: string;
  readonly archived: boolean;
}

export interface Thread {
  readonly number: number;
  readonly style: ThreadStyle;
  readonly language: Language | 'en';
  /** in the order of a script's speakers; the first has an archived phone */
  readonly speakers: readonly [Speaker, ...Speaker[]];
  readonly conversationId: string;
  readonly groupName: string | null;
  /** whether the source marks the copies of one message from several phones by the same messageKey */
  readonly keyed: boolean;
  readonly scripts: readonly [Script, ...Script[]];
  readonly service: Service | null;
}

/** The mixture of threads: each of twenty in a row has its style, so that a small feed has some of each, too. */
const STYLES: readonly [ThreadStyle, ...ThreadStyle[]] = [
  'direct',
  'calls',
  'group',
  'foreign',
  'direct',
  'colleagues',
  'shortCode',
  'calls',
  'direct',
  'foreign',
  'brand',
  'group',
  'direct',
  'foreign',
  'calls',
  'mailed',
  'direct',
  'colleagues',
  'foreign',
  'group',
];

const LANGUAGES: readonly [Language, ...Language[]] = ['de', 'he', 'fr', 'ja', 'ar', 'hi'];
const GROUP_NAMES = ['Site crew', 'Lunch club', 'Release', 'Quay 9 team', 'Train to Lyon', 'Board prep'] as const;

export interface ThreadWorld {
  readonly seed: string;
  readonly kind: ArchiverKind;
  readonly owners: readonly [Owner, ...Owner[]];
}

/** Thread `number` of the feed. Neighbours differ in owner and style, so that any day has a mixture of both. */
export function threadOf(world: ThreadWorld, number: number): Thread {
  const draw = new Draw(world.seed, 'thread', number);
  const { owners } = world;
  const style = possible(cycle(STYLES, number), world);
  const owner = cycle(owners, number + Math.floor(number / owners.length) * 7);
  const language: Language | 'en' = style === 'foreign' ? languageOf(number) : 'en';
  const others = (count: number): Speaker[] =>
    Array.from({ length: count }, (_, at) =>
      archivedSpeaker(cycle(owners, owners.indexOf(owner) + 1 + at * 3 + draw.between(0, 2))),
    );
  const base = {
    number,
    style,
    language,
    conversationId: `c-${hash32(world.seed, 'conversation', number).toString(16).padStart(8, '0')}`,
    groupName: null,
    keyed: number % 3 !== 0,
    scripts: language === 'en' ? english : byLanguage[language],
    service: null,
  };
  const first = archivedSpeaker(owner);
  switch (style) {
    case 'group': {
      const colleagues = others(draw.between(1, 3));
      // a number written as inside one country means nothing on the phone of a colleague in another
      const national = colleagues.every(({ party }) => isCompatriot(party.mobile, owner));
      const outsiders: Speaker[] = [];
      const guests = 3 - colleagues.length + (draw.chance(0.6) ? 1 : 0);
      while (outsiders.length < guests) outsiders.push(outsider(draw, 'en', owner, { taken: outsiders, national }));
      return {
        ...base,
        speakers: [first, ...[...colleagues, ...outsiders].slice(0, 3)],
        groupName: draw.chance(0.85) ? draw.pick(GROUP_NAMES) : null,
        scripts: groups,
      };
    }
    case 'colleagues':
      return { ...base, speakers: [first, ...others(1)] };
    case 'brand':
      return { ...base, speakers: [first], service: draw.pick(brands) };
    case 'shortCode':
      return { ...base, speakers: [first], service: draw.pick(shortCodes) };
    case 'mailed':
      return { ...base, speakers: [first], service: draw.pick(mailed) };
    default:
      return { ...base, speakers: [first, outsider(draw, language, owner)] };
  }
}

/** The foreign threads take the languages in turn. */
function languageOf(number: number): Language {
  const foreignBefore = (count: number): number => STYLES.slice(0, count).filter((style) => style === 'foreign').length;
  const rounds = Math.floor(number / STYLES.length);
  return cycle(LANGUAGES, rounds * foreignBefore(STYLES.length) + foreignBefore(number % STYLES.length));
}

/** What the archiver cannot take, and what takes more phones than there are, becomes a plain conversation. */
function possible(style: ThreadStyle, { kind, owners }: ThreadWorld): ThreadStyle {
  if (style === 'calls') return kind.callLogs || kind.recordings ? style : 'direct';
  if (style === 'group') return kind.media !== null && owners.length >= 8 ? style : 'direct';
  if (style === 'colleagues') return owners.length >= 2 ? style : 'direct';
  return style;
}

function archivedSpeaker(owner: Owner): Speaker {
  return { party: owner.party, firstName: owner.firstName, archived: true };
}

/** Number ranges that are set aside for fiction or that nobody has; never those of the tenants' own people. */
const RANGES: Readonly<Record<Language | 'en', readonly [string, ...string[]]>> = {
  en: ['+1415555010', '+1312555010', '+4477009007', '+4477009008', '+1305555010'],
  de: ['+491520000', '+491720000'],
  fr: ['+336399800', '+336399801'],
  he: ['+9725550091', '+9725550092'],
  ar: ['+9715000001', '+9665000001'],
  ja: ['+81700000', '+81800000'],
  hi: ['+919999900', '+919999901'],
};

/** Numbers in `taken` are other people's. `national` lets the number be written as inside the owner's country. */
function outsider(
  draw: Draw,
  language: Language | 'en',
  owner: Owner,
  { taken = [], national = true }: { readonly taken?: readonly Speaker[]; readonly national?: boolean } = {},
): Speaker {
  const range = draw.pick(RANGES[language]);
  const missing = { '+1': 12, '+4': 13, '+8': 13, '+3': 12, '+9': 13 }[range.slice(0, 2)] ?? 12;
  const digits = missing - range.length;
  const number = `${range}${String(draw.between(0, 10 ** digits)).padStart(digits, '0')}`;
  const name = peerName(number, language);
  const written = national && isCompatriot(number, owner) && draw.chance(0.6) ? nationalForm(number) : number;
  const firstName = name.split(' ')[0] ?? name;
  // two people of one group are told apart by their first names
  if (taken.some((one) => one.firstName === firstName)) return outsider(draw, language, owner, { taken, national });
  return {
    party: { mobile: written, email: null, name: draw.chance(0.12) ? null : name },
    firstName,
    archived: false,
  };
}

function isCompatriot(number: string, { party }: Owner): boolean {
  return number.slice(0, 3) === party.mobile.slice(0, 3);
}
