/** For integration tests: worker processes as an operator starts them, and the ways in which they die. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { endsWithParent } from '#scripts/services/part.ts';

export interface WorkerProcess {
  readonly pid: number;
  /** settles when it is gone, however that came */
  readonly gone: Promise<void>;
  /** ends it at once, in the middle of whatever it does */
  kill(): Promise<void>;
  /** SIGSTOP: it stands still and knows nothing of it */
  pause(): void;
  resume(): void;
  /**
   * SIGTERM. @returns exit code and how long it took, in milliseconds; `early` where it was not even up and ended by the
   * signal itself
   */
  stop(): Promise<{ readonly code: number | null; readonly early: boolean; readonly ms: number }>;
}

/** @param env laid over the environment of this process */
export function startWorker(env: Readonly<Record<string, string>>, logFile: string): WorkerProcess {
  const log = openSync(logFile, 'a');
  const [command = process.execPath, ...args] = [...endsWithParent(), process.execPath, 'workers/index.ts'];
  const child: ChildProcess = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const ended = once(child, 'exit');
  const { pid } = child;
  if (pid === undefined) throw new Error('the worker did not start');
  return {
    pid,
    gone: ended.then(() => {}),
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    stop: async () => {
      const asked = performance.now();
      child.kill('SIGTERM');
      const [code] = await ended;
      const early = child.signalCode === 'SIGTERM';
      return { code: typeof code === 'number' ? code : null, early, ms: performance.now() - asked };
    },
  };
}
