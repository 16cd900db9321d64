/** Runs a program of a stage, its output on the terminal, and ends it when the run is interrupted. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { endsWithParent } from '../services/part.ts';
import { PROJECT } from '../services/place.ts';

const running = new Set<ChildProcess>();

export interface Outcome {
  readonly code: number | null;
  /** what it printed, when `capture` was asked for */
  readonly output: string;
}

/** Runs Node on a script with arguments, in the project's folder. Never throws. */
export function runNode(
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly capture?: boolean } = {},
): Promise<Outcome> {
  const [command = process.execPath, ...rest] = [...endsWithParent(), process.execPath, ...args];
  const stdio = options.capture ? 'pipe' : 'inherit';
  const child = spawn(command, rest, {
    cwd: PROJECT,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', stdio, stdio],
  });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve) => {
    const end = (code: number | null) => {
      running.delete(child);
      resolve({ code, output });
    };
    child.on('error', (error) => {
      output += error.message;
      end(null);
    });
    child.on('close', end);
  });
}

/** Ends whatever `runNode` has under way. */
export function endRunning(): void {
  for (const child of running) child.kill('SIGTERM');
}

/** The script behind a command that a package brought: `packageCommand('knip')`. */
export function packageCommand(name: string): string {
  return join(PROJECT, 'node_modules', '.bin', name);
}
