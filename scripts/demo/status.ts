/** The demo's terminal: a line for each step, redrawn in place; one line at a time where nobody watches. */
import type { StepListener } from '../services/installation.ts';

export interface Status extends StepListener {
  /** what a step is at just now */
  update(step: string, detail: string): void;
  /** it did not work, and the demo goes on without it */
  fail(step: string, detail: string): void;
}

interface Line {
  readonly step: string;
  state: 'under way' | 'done' | 'failed';
  detail: string;
}

/** The part of a terminal that is needed here. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const MARK = { 'under way': '…', done: '✓', failed: '!' } as const;
const COLOUR = { 'under way': '\x1b[2m', done: '\x1b[32m', failed: '\x1b[33m' } as const;
const RESET = '\x1b[0m';

export function statusLines(output: Output = process.stdout): Status {
  const lines: Line[] = [];
  let drawn = 0;

  function change(step: string, state: Line['state'], detail = ''): void {
    const line = lines.find((one) => one.step === step);
    if (line) Object.assign(line, { state, detail });
    else lines.push({ step, state, detail });
    if (output.isTTY) redraw();
    else if (state !== 'under way') output.write(`${plain({ step, state, detail })}\n`);
  }

  function redraw(): void {
    const up = drawn > 0 ? `\x1b[${drawn}A` : '';
    const body = lines.map((line) => `\x1b[2K${coloured(line, output.columns || 80)}\n`).join('');
    output.write(up + body);
    drawn = lines.length;
  }

  return {
    begin: (step) => change(step, 'under way'),
    update: (step, detail) => change(step, 'under way', detail),
    done: (step, detail) => change(step, 'done', detail),
    fail: (step, detail) => change(step, 'failed', detail),
  };
}

function plain({ step, state, detail }: Line): string {
  return `  ${MARK[state]} ${step.padEnd(18)} ${detail}`.trimEnd();
}

/** Cut to the width of the terminal: a line that wraps could not be redrawn. */
function coloured(line: Line, columns: number): string {
  const text = plain(line).slice(0, columns - 1);
  return `  ${COLOUR[line.state]}${text.slice(2, 3)}${RESET}${text.slice(3)}`;
}
