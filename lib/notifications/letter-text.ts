/** A letter as plain text. Pure. */
import type { Block, Entry, Letter } from './letter.ts';

/** Beyond so many connectors a mail names them and has one link for all: it stays short enough to be read. */
const MOST_LINKS = 20;

export const FOOTER = 'Who gets these notices is set on each connector’s Settings tab.';

export function textOf({ blocks, link }: Letter): string {
  return [
    ...blocks.filter(isSaid).flatMap((block) => [...linesOf(block), '']),
    `${link.label}: ${link.href}`,
    '',
    FOOTER,
    '',
  ].join('\n');
}

/** Whether a block says anything. */
export function isSaid(block: Block): boolean {
  return block.kind === 'text' ? block.lines.length > 0 : block.entries.length > 0;
}

function linesOf(block: Block): string[] {
  if (block.kind === 'text') return [...block.lines];
  const { heading, entries } = block;
  const [only] = entries;
  if (entries.length === 1 && only !== undefined) return [`${heading}: ${only.name}`, ...only.lines, ...taskOf(only)];
  return [
    `${heading}:`,
    ...entries.flatMap(({ name, href, lines, task }) => [
      `- ${name}${lines.length === 1 ? `: ${afterColon(lines[0] ?? '')}` : ''}`,
      ...(lines.length === 1 ? [] : lines.map((line) => `  ${line}`)),
      ...(entries.length <= MOST_LINKS ? [...taskOf({ task }).map((line) => `  ${line}`), `  ${href}`] : []),
    ]),
  ];
}

function taskOf({ task }: Pick<Entry, 'task'>): string[] {
  return task === undefined ? [] : [`${task.label}: ${task.href}`];
}

function afterColon(sentence: string): string {
  return sentence.slice(0, 1).toLowerCase() + sentence.slice(1);
}
