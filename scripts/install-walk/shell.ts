/** A shell as a reader has it open: directory and variables stay from one command to the next. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Answer {
  /** of standard output and standard error, as they came */
  readonly output: string;
  readonly code: number | null;
}

export interface ShellPlace {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** whose it is; only root may choose */
  readonly user: { readonly uid?: number; readonly gid?: number };
}

export class Shell {
  readonly #child: ChildProcess;
  #output = '';

  constructor({ cwd, env, user }: ShellPlace) {
    // A group of its own, so that all that it started ends with it.
    const all = { ...env, NODE_ENV: 'production' } as const;
    this.#child = spawn('sh', [], { cwd, env: all, stdio: ['pipe', 'pipe', 'pipe'], detached: true, ...user });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (part: string) => {
        this.#output += part;
      });
    }
    // Node's types demand a variable that no reader has.
    this.#child.stdin?.write('exec 2>&1; unset NODE_ENV\n');
  }

  /** Runs a command to its end. */
  async run(command: string): Promise<Answer> {
    const end = randomUUID();
    const ended = new RegExp(`([\\s\\S]*)${end} (\\d+)\\n`);
    this.#begin(command, `printf '%s %s\\n' ${end} $?\n`);
    for (;;) {
      const [, output, code] = ended.exec(this.#output) ?? [];
      if (output !== undefined) return { output, code: Number(code) };
      if (this.#child.exitCode !== null) return { output: this.#output, code: this.#child.exitCode };
      await sleep(20);
    }
  }

  /** Begins a command that does not end by itself. @returns when it has said that it is ready, or has ended */
  async begin(command: string, ready: RegExp): Promise<Answer> {
    this.#begin(command, 'exit $?\n');
    while (this.#child.exitCode === null) {
      if (ready.test(this.#output)) return { output: this.#output, code: null };
      await sleep(100);
    }
    return { output: this.#output, code: this.#child.exitCode };
  }

  #begin(command: string, after: string): void {
    this.#output = '';
    // What the command itself reads is not the next command.
    this.#child.stdin?.write(`{\n${command}\n} </dev/null\n${after}`);
  }

  async close(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    process.kill(-pid, 'SIGTERM');
    await ended;
  }
}
