/**
 * A part is one process of an installation on this machine: PostgreSQL, Redis, the portal. Everything that demo and
 * tests start goes through here, so that it is ready before the next one starts, has its log, and always ends.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, recordedProcess, recordProcess } from './proc.ts';

/** Thrown with a sentence for the person at the terminal: what is in the way and what to do. */
export class PartError extends Error {
  override name = 'PartError';
}

export interface PartPlan {
  /** as people call it: `PostgreSQL` */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** laid over the environment of this process */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly logFile: string;
  /** holds the process id while it runs, so that the next start finds what a crashed one left behind */
  readonly runFile: string;
  /** true once the part answers. Asked every 50 ms */
  readonly ready: () => Promise<boolean>;
  /** default 60 s */
  readonly readyWithinMs?: number;
  readonly stopSignal?: NodeJS.Signals;
  /** how long it may take to end by itself; then it is killed. Default 10 s */
  readonly stopWithinMs?: number;
}

export interface Part {
  readonly name: string;
  readonly logFile: string;
  /** @throws PartError when it does not become ready */
  start(): Promise<void>;
  /** Ends the process and everything it started. Never throws; returns at once when it does not run. */
  stop(): Promise<void>;
  /** Calls back once, when the process ends without having been stopped. */
  onUnexpectedExit(listener: (description: string) => void): void;
  /** process id while it runs */
  pid(): number | undefined;
}

const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));

/**
 * The words before a command that make it end with the process that started it, also when that one is killed.
 * Empty where the system has no `setpriv`; the run file then finds the leftover at the next start.
 */
export function endsWithParent(privileges: readonly string[] = []): string[] {
  return SETPRIV ? [SETPRIV, '--pdeathsig', 'TERM', ...privileges] : [];
}

export function processPart(plan: PartPlan): Part {
  const stopWithinMs = plan.stopWithinMs ?? 10_000;
  let child: ChildProcess | undefined;
  let stopping = false;
  let unexpectedExit: ((description: string) => void) | undefined;

  async function start(): Promise<void> {
    stopping = false;
    await endLeftover(plan.runFile, stopWithinMs);
    if (stopping) throw new PartError(`${plan.name} was stopped while it started.`);
    const running = launch(plan);
    child = running;
    running.on('exit', (code, signal) => {
      rmSync(plan.runFile, { force: true });
      if (child === running) child = undefined;
      if (!stopping) unexpectedExit?.(`${plan.name} ended (${signal ?? `code ${code}`}). Its log: ${plan.logFile}`);
    });
    await untilReady(plan, running);
  }

  async function stop(): Promise<void> {
    stopping = true;
    const running = child;
    if (!running?.pid) return;
    await endGroup(running.pid, plan.stopSignal ?? 'SIGTERM', stopWithinMs, () => !hasEnded(running));
    rmSync(plan.runFile, { force: true });
  }

  return {
    name: plan.name,
    logFile: plan.logFile,
    start,
    stop,
    pid: () => child?.pid,
    onUnexpectedExit: (listener) => {
      unexpectedExit = listener;
    },
  };
}

function launch(plan: PartPlan): ChildProcess {
  mkdirSync(dirname(plan.logFile), { recursive: true });
  if (existsSync(plan.logFile)) renameSync(plan.logFile, plan.logFile.replace(/\.log$/, '.previous.log'));
  const log = openSync(plan.logFile, 'a');
  const [command = plan.command, ...args] = [...endsWithParent(), plan.command, ...plan.args];
  // A process group of its own: Ctrl-C in the terminal reaches us only, and we stop the parts in order.
  const child = spawn(command, args, {
    cwd: plan.cwd,
    env: { ...process.env, ...plan.env },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  child.on('error', () => {});
  if (child.pid) recordProcess(plan.runFile, child.pid);
  return child;
}

async function untilReady(plan: PartPlan, child: ChildProcess): Promise<void> {
  const within = plan.readyWithinMs ?? 60_000;
  const deadline = Date.now() + within;
  while (Date.now() < deadline) {
    if (hasEnded(child)) {
      throw new PartError(`${plan.name} did not start. ${lastWords(plan.logFile)}`);
    }
    if (await plan.ready()) return;
    await sleep(50);
  }
  throw new PartError(`${plan.name} did not answer within ${within / 1000} seconds. ${lastWords(plan.logFile)}`);
}

function lastWords(logFile: string): string {
  const lines = existsSync(logFile) ? readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-8) : [];
  return `Its log (${logFile}) ends with:\n${lines.map((line) => `    ${line}`).join('\n')}`;
}

/** Ends what an earlier run started and left behind. Does nothing when the process id belongs to something else now. */
async function endLeftover(runFile: string, withinMs: number): Promise<void> {
  const pid = recordedProcess(runFile);
  if (pid !== undefined) await endGroup(pid, 'SIGTERM', withinMs, () => isAlive(pid));
  rmSync(runFile, { force: true });
}

async function endGroup(pid: number, signal: NodeJS.Signals, withinMs: number, runs: () => boolean): Promise<void> {
  signalGroup(pid, signal);
  const deadline = Date.now() + withinMs;
  while (runs() && Date.now() < deadline) await sleep(20);
  // Also when the leader ended in time: what it started must not outlive it.
  signalGroup(pid, 'SIGKILL');
  while (runs()) await sleep(20);
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone already.
  }
}
