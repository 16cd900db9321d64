/**
 * What docs/install.md tells its reader to do: the commands of its code blocks, and the variables of its table. It is followed from
 * here and not from a copy, so that the guide and what was tried are the same.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../services/place.ts';

export interface Block {
  /** of the section, without its `#` */
  readonly heading: string;
  /** what stands behind the fence: `sh`, `powershell`, `yaml` */
  readonly language: string;
  /** in order, each with all its lines */
  readonly commands: readonly string[];
}

export function readGuide(): string {
  return readFileSync(join(PROJECT, 'docs/install.md'), 'utf8');
}

export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let heading = '';
  let open: { language: string; lines: string[] } | null = null;
  for (const line of markdown.split('\n')) {
    const [, fence] = /^```(.*)$/.exec(line) ?? [];
    if (fence === undefined) {
      if (open) open.lines.push(line);
      else heading = /^#+ (.*)$/.exec(line)?.[1] ?? heading;
    } else if (open) {
      blocks.push({ heading, language: open.language, commands: commandsOf(open.lines) });
      open = null;
    } else {
      open = { language: fence, lines: [] };
    }
  }
  return blocks;
}

/** A command ends with its line, but where the line ends with a backslash or opens a here-document. */
function commandsOf(lines: readonly string[]): string[] {
  const commands: string[] = [];
  let begun: string[] = [];
  let until: string | null = null;
  for (const line of lines) {
    if (begun.length === 0 && line.trim() === '') continue;
    begun.push(line);
    until ??= /<<'?(\w+)'?/.exec(line)?.[1] ?? null;
    if (until === null ? line.endsWith('\\') : line !== until) continue;
    commands.push(begun.join('\n'));
    begun = [];
    until = null;
  }
  if (begun.length > 0) commands.push(begun.join('\n'));
  return commands;
}

/** The variables that the guide asks its reader to put into `.env` by hand: the first column of the table in its second step. */
export function variablesToFillIn(markdown: string): string[] {
  const [, step = ''] = /^## 2\. .*\n([\s\S]*?)^###? /m.exec(markdown) ?? [];
  return [...step.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name = '']) => name);
}

/** Puts values into the text of an env file, in place of what stands there. @throws RangeError where it has no such variable */
export function filledIn(text: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce((filled, [name, value]) => {
    const line = new RegExp(`^${name}=.*$`, 'm');
    if (!line.test(filled)) throw new RangeError(`.env.example has no ${name}`);
    return filled.replace(line, () => `${name}=${value}`);
  }, text);
}

/** `<address>`: what a reader has to put there. */
export function placeholdersOf(command: string): string[] {
  return [...command.matchAll(/<([a-z][a-z ]*)>/g)].map(([, name = '']) => name);
}
