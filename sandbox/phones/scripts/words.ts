/** Values for the places that the scripts leave open, and the names of people outside the organization. */
import { type Draw, hash32 } from '../../random.ts';
import type { Language } from './languages.ts';

const PROJECTS = ['Harbour West', 'Linden Court', 'Mill Lane', 'Atlas', 'Blue Heron', 'Quay 9', 'Orchard'] as const;
const PLACES = ['Rotterdam', 'Leeds', 'Lyon', 'Hamburg', 'Newark', 'Haifa', 'Turin', 'Porto', 'Osaka'] as const;
const COMPANIES = [
  'Brightwell',
  'Corvane & Sons',
  'Northgate Supply',
  'Maple Freight',
  'Hollis Partners',
  'Tessera Glass',
] as const;
const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'] as const;
const WEEKDAYS_BY_LANGUAGE: Readonly<Record<Language, readonly [string, ...string[]]>> = {
  de: ['Montag', 'Dienstag', 'Mittwoch', 'Donnerstag', 'Freitag'],
  fr: ['lundi', 'mardi', 'mercredi', 'jeudi', 'vendredi'],
  he: ['יום ראשון', 'יום שני', 'יום שלישי', 'יום רביעי', 'יום חמישי'],
  ar: ['الأحد', 'الاثنين', 'الثلاثاء', 'الأربعاء', 'الخميس'],
  ja: ['月曜日', '火曜日', '水曜日', '木曜日', '金曜日'],
  hi: ['सोमवार', 'मंगलवार', 'बुधवार', 'गुरुवार', 'शुक्रवार'],
};
const NAMES = ['Ana', 'Colin', 'Freya', 'Gus', 'Hamid', 'Ines', 'Kofi', 'Marta', 'Rosa', 'Theo'] as const;
const CURRENCIES = ['$', '£', '€'] as const;

const GIVEN_NAMES = [
  'Alice',
  'Derek',
  'Fiona',
  'George',
  'Hannah',
  'Ian',
  'Kemi',
  'Luke',
  'Molly',
  'Nathan',
  'Patricia',
  'Roy',
] as const;
const SURNAMES = [
  'Balogun',
  'Bell',
  'Castle',
  'Cole',
  'Hayes',
  'Lowe',
  'Marsh',
  'Mitchell',
  'Osei',
  'Porter',
  'Reid',
  'Sanders',
] as const;

const PEER_NAMES: Readonly<Record<Language | 'en', readonly string[]>> = {
  en: GIVEN_NAMES.flatMap((given) => SURNAMES.map((surname) => `${given} ${surname}`)),
  de: ['Jürgen Weiß', 'Sabine Krüger', 'Mehmet Aydın', 'Ulrike Schäfer'],
  fr: ['Aurélie Lefèvre', 'Benoît Garçon', 'Élodie Martin', 'Yann Le Goff'],
  he: ['רונית כהן', 'אבי מזרחי', 'שירה פרידמן'],
  ar: ['ليلى حداد', 'سامر خوري', 'نور الزهراني'],
  ja: ['佐藤 健一', '鈴木 美咲', '高橋 直樹'],
  hi: ['अनिता शर्मा', 'राजेश गुप्ता', 'सुनील वर्मा'],
};

/** Who has this number: the same person on every phone. */
export function peerName(number: string, language: Language | 'en'): string {
  const names = PEER_NAMES[language];
  return names[hash32('name', number) % names.length] ?? number;
}

/** The values for one run through a script: the same for all its scenes, another for the next run. */
export function wordsFor(draw: Draw, language: Language | 'en'): Record<string, string> {
  const amount = draw.between(80, 9_900);
  return {
    project: draw.pick(PROJECTS),
    place: draw.pick(PLACES),
    company: draw.pick(COMPANIES),
    name: draw.pick(NAMES),
    weekday: draw.pick(language === 'en' ? WEEKDAYS : WEEKDAYS_BY_LANGUAGE[language]),
    time: `${draw.between(8, 19)}:${draw.pick(['00', '15', '30', '45'])}`,
    n: String(draw.between(2, 13)),
    ref: `${draw.pick(['AB', 'KX', 'R', 'TS'])}-${draw.between(10_000, 99_999)}`,
    amount: `${draw.pick(CURRENCIES)}${Math.floor(amount / 1_000) > 0 ? `${Math.floor(amount / 1_000)},${String(amount % 1_000).padStart(3, '0')}` : amount}`,
    domain: draw.pick(['northgate.example', 'maplefreight.example', 'tessera.example']),
  };
}
