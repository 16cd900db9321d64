/** What Linux tells about processes in /proc. On other systems every answer is "unknown". */
import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

/** True while any thread of the process runs. One that has ended and was not collected by its parent does not count. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  return statFields(pid)?.[0] !== 'Z' || threadCount(pid) > 1;
}

function threadCount(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length;
  } catch {
    return 0;
  }
}

/** When the process started, in clock ticks since boot: with the id it names one process for good. */
function processStart(pid: number): string | undefined {
  return statFields(pid)?.[19];
}

const processRecord = z.object({ pid: z.int().positive(), start: z.string().optional() });

/** Writes into the file which process it is about. */
export function recordProcess(file: string, pid: number): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ pid, start: processStart(pid) }));
}

/** The id of the process that the file is about, while that runs. An id that is another process by now is none. */
export function recordedProcess(file: string): number | undefined {
  try {
    const { pid, start } = processRecord.parse(JSON.parse(readFileSync(file, 'utf8')));
    return isAlive(pid) && processStart(pid) === start ? pid : undefined;
  } catch {
    // No file, or one that a crash left half-written.
    return undefined;
  }
}

/** The fields of /proc/PID/stat from the third on (state first); the second may hold spaces and is skipped. */
function statFields(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** Who listens on a TCP port of this machine, where that can be seen. `command` is cut to 80 characters. */
export function listenerOf(port: number): { readonly pid: number; readonly command: string } | undefined {
  const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeningInodes(table, port)));
  if (inodes.size === 0) return undefined;
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (Number.isInteger(pid) && holdsSocket(pid, inodes)) return { pid, command: commandOf(pid) };
  }
  return undefined;
}

function listeningInodes(table: string, port: number): string[] {
  const LISTEN = '0A';
  let text: string;
  try {
    text = readFileSync(table, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
    const matches = state === LISTEN && Number.parseInt(local.split(':')[1] ?? '', 16) === port;
    return matches ? [`socket:[${inode}]`] : [];
  });
}

function holdsSocket(pid: number, sockets: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return sockets.has(readlinkSync(`/proc/${pid}/fd/${fd}`));
      } catch {
        return false;
      }
    });
  } catch {
    return false;
  }
}

function commandOf(pid: number): string {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
    return words.join(' ').slice(0, 80);
  } catch {
    return 'unknown';
  }
}
