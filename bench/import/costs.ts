/** What processes and PostgreSQL have used so far, read where the system keeps it. Linux only. */
import { readdirSync, readFileSync } from 'node:fs';
import type pg from 'pg';

/** ticks a second in /proc: fixed for user space on every Linux */
const TICKS = 100;

/** Processor seconds of a process, of children that it has waited for, and of those that it has now. */
export function cpuSeconds(pid: number): number {
  const own = statOf(pid);
  if (own === null) return 0;
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statOf(Number(name)))
    .filter((stat) => stat?.parent === pid);
  return (own.ticks + own.waited + children.reduce((sum, stat) => sum + (stat?.ticks ?? 0), 0)) / TICKS;
}

function statOf(pid: number): { readonly parent: number; readonly ticks: number; readonly waited: number } | null {
  try {
    // The name of the program is in brackets and may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ').map(Number) ?? [];
    const [user = 0, system = 0, waitedUser = 0, waitedSystem = 0] = fields.slice(11, 15);
    return { parent: fields[1] ?? 0, ticks: user + system, waited: waitedUser + waitedSystem };
  } catch {
    return null;
  }
}

/** The most memory that a process ever had, in MB (VmHWM). */
export function peakMb(pid: number): number {
  const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(line) / 1_024;
}

export interface Written {
  readonly rows: number;
  readonly walBytes: number;
  /** read-only ones too */
  readonly transactions: number;
}

/** What was written into a database since it was made. */
export async function written(pool: pg.Pool): Promise<Written> {
  await pool.query('SELECT pg_stat_force_next_flush()');
  const { rows } = await pool.query<{ rows: string; wal: string; transactions: string }>(
    `SELECT tup_inserted + tup_updated + tup_deleted AS rows, pg_current_wal_insert_lsn() - '0/0' AS wal,
       xact_commit AS transactions FROM pg_stat_database WHERE datname = current_database()`,
  );
  const [row] = rows;
  return { rows: Number(row?.rows), walBytes: Number(row?.wal), transactions: Number(row?.transactions) };
}
