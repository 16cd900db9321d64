/** The daily summary as a letter: first what needs you. Pure. */
import { HEALTH_WORDS } from '../connectors/health.ts';
import type { Single } from './content.ts';
import type { Block, Entry, Letter } from './letter.ts';
import { counted, number, titleOf, utc } from './words.ts';

export type Summary = Extract<Single, { kind: 'summary' }>;

/** Nothing waits for anybody. */
function isWell({ health, open, pausedAt, held }: Summary): boolean {
  return health === 'balanced' && open.length === 0 && pausedAt === null && held === null;
}

/** Addresses by the id of a connector. */
export interface SummaryLinks {
  readonly connector: (connectorId: string) => string;
  readonly notImported: (connectorId: string) => string;
}

export function summaryLetter(summaries: readonly Summary[], links: SummaryLinks): Omit<Letter, 'link'> {
  const [needy, well] = [summaries.filter((one) => !isWell(one)), summaries.filter(isWell)];
  const block = (heading: string, of: readonly Summary[], lines: (one: Summary) => string[]): Block[] =>
    of.length === 0
      ? []
      : [
          {
            kind: 'entries',
            heading,
            entries: of.map(
              (one): Entry => ({
                name: one.connector.name,
                href: links.connector(one.connector.id),
                lines: lines(one),
                ...(one.held === null
                  ? {}
                  : { task: { label: 'Import it or sign it off', href: links.notImported(one.connector.id) } }),
              }),
            ),
          },
        ];
  return {
    subject: subjectOf(summaries, needy),
    blocks: [
      ...block(
        needy.length === 1 ? '1 connector needs you' : `${counted(needy.length, 'connector')} need you`,
        needy,
        inFull,
      ),
      ...block(
        well.length === 1 ? '1 connector is well' : `${counted(well.length, 'connector')} are well`,
        well,
        summaries.length === 1 ? inFull : inShort,
      ),
    ],
  };
}

function subjectOf(summaries: readonly Summary[], needy: readonly Summary[]): string {
  const [only] = summaries;
  if (summaries.length === 1 && only !== undefined) {
    if (needy.length === 0) return `All is well: ${only.connector.name}`;
    return `Daily summary, ${stateOf(only)}: ${only.connector.name}`;
  }
  if (needy.length === 0) return `All is well: ${counted(summaries.length, 'connector')}`;
  const verb = needy.length === 1 ? 'needs' : 'need';
  return `Daily summary: ${number(needy.length)} of ${counted(summaries.length, 'connector')} ${verb} you`;
}

function stateOf({ health, pausedAt, open }: Summary): string {
  if (pausedAt !== null) return 'paused';
  // It balances, and an attachment waits for somebody.
  return health === 'balanced' && open.length === 0 ? 'not all imported' : HEALTH_WORDS[health].toLowerCase();
}

function inFull({ health, balancedUpTo, pausedAt, last, toDo, open, held }: Summary): string[] {
  return [
    ...(pausedAt === null ? [] : [`Paused since ${utc(pausedAt)}: nothing is imported until somebody resumes it.`]),
    ...open.map((one) => `${titleOf(one.event)} since ${utc(one.beganAt)}`),
    `Health: ${HEALTH_WORDS[health]}`,
    `Balanced up to: ${balancedUpTo === null ? 'not yet' : utc(balancedUpTo)}`,
    last === null
      ? 'Last import: none yet'
      : `Last import: number ${last.number}, ${number(last.listed)} from source, ${number(last.imported)} imported to a mailbox, ${number(last.repeat)} repeats`,
    `To do: ${number(toDo.waiting)} waiting for mapping, ${number(toDo.failed)} failed, ${number(toDo.unreadable)} unreadable`,
    ...(held === null ? [] : heldLines(held)),
  ];
}

/** From its seventh day on, every day: nothing but an import or a sign-off ends it. */
function heldLines({ count, oldest }: NonNullable<Summary['held']>): string[] {
  return [
    `Not, or not wholly, imported for 7 days or longer: ${counted(count, 'copy or item', 'copies or items')}, the oldest of ${utc(oldest)}. The content is kept until somebody imports it or signs it off.`,
  ];
}

function inShort({ balancedUpTo, last }: Summary): string[] {
  const upTo = balancedUpTo === null ? 'Not yet balanced' : `Balanced up to ${utc(balancedUpTo)}`;
  return [last === null ? upTo : `${upTo}, ${number(last.imported)} imported last`];
}
