/** docs/install-walk.md: what the commands of the guide said. */
import { stripVTControlCharacters } from 'node:util';
import type { Step } from './walk.ts';

/** Longer outputs are cut in their middle. */
const MOST_LINES = 60;

/** @param day on which it was walked */
export function walkPage(steps: readonly Step[], who: string, day: Date): string {
  const parts: string[] = [];
  let heading = '';
  for (const together of groupsOf(steps)) {
    const [first] = together;
    if (first && first.heading !== heading) parts.push(`## ${first.heading}`);
    heading = first?.heading ?? '';
    const text = together.map(stepText).join('\n');
    parts.push(first?.kind === 'command' ? `\`\`\`text\n${text}\n\`\`\`` : text);
  }
  return `# The guide, followed

Written on ${day.toISOString().slice(0, 10)} by \`npm run install:walk\`, which takes the commands out of the code blocks of [install.md](install.md) and runs them one after
the other: in an empty folder, with an empty home, by a user without rights (${who}), with an empty PostgreSQL, a Redis, a blob
storage, and the sandbox in the place of Microsoft and TeleMessage. Ports, folders and secrets are replaced in what was said, the middle
of an output of more than ${MOST_LINES} lines is left out, and nothing else; what a reader does by hand is told where it is done.

${parts.join('\n\n')}
`;
}

/** Commands of one block of the guide stay together. */
function groupsOf(steps: readonly Step[]): Step[][] {
  const groups: Step[][] = [];
  for (const step of steps) {
    const last = groups.at(-1)?.at(-1);
    const goesOn = step.kind === 'command' && last?.kind === 'command' && last.block === step.block;
    if (goesOn) groups.at(-1)?.push(step);
    else groups.push([step]);
  }
  return groups;
}

export function stepText(step: Step): string {
  if (step.kind === 'by hand') return `By hand: ${step.what}.`;
  if (step.kind === 'not walked') return `Not walked: \`${step.first}\` ${step.why}.`;
  const end = step.code === 0 || step.code === null ? [] : [`→ ${step.code}`];
  return [`$ ${step.command}`, short(step.output), ...end].filter((line) => line !== '').join('\n');
}

/** Without colours, what a terminal would have overwritten, and the middle of much. */
function short(output: string): string {
  const lines = stripVTControlCharacters(output)
    .replaceAll(/[^\n]*\r(?!\n)/g, '')
    .trim()
    .split('\n')
    .map((line) => line.trimEnd());
  if (lines.length <= MOST_LINES) return lines.join('\n');
  const half = MOST_LINES / 2;
  return [...lines.slice(0, half), `[… ${lines.length - MOST_LINES} lines …]`, ...lines.slice(-half)].join('\n');
}
