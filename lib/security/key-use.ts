/**
 * Which keys are in use: one row for each under which something may be sealed (`sealing_key`). A process admits its ring
 * before it seals anything, so a ring that lacks one of them is refused at the start and not at the first thing that does
 * not open.
 */
import { hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Queryable } from '../db.ts';
import type { KeyRing } from './keyring.ts';

/** The ring is not one that this installation can run with. Names keys by their ids. */
export class KeyRingRefusedError extends Error {
  override name = 'KeyRingRefusedError';
  readonly lacking: readonly string[];
  readonly changed: readonly string[];
  constructor(lacking: readonly string[], changed: readonly string[]) {
    const sentences = [
      ...lacking.map((id) => `The key "${id}" is in use and is not in ENCRYPTION_KEYS.`),
      ...changed.map((id) => `ENCRYPTION_KEYS has another key under the id "${id}" than the one that is in use.`),
    ];
    super(`${sentences.join(' ')} Put it back. npm run rotate-keys says when a key may go.`);
    this.lacking = lacking;
    this.changed = changed;
  }
}

export interface UsedKey {
  readonly id: string;
  /** seconds since a process last said that it seals with it */
  readonly idleSeconds: number;
}

interface Row {
  readonly id: string;
  readonly check_value: Uint8Array;
  readonly idle_seconds: number;
}

/**
 * Checks the ring and notes that this process seals with its newest key.
 *
 * @throws KeyRingRefusedError where it lacks a key that is in use, or has another one under its id
 */
export async function admitKeyRing(client: Queryable, ring: KeyRing): Promise<void> {
  const used = await checkKeyRing(client, ring);
  const { id, key } = ring.current;
  // Another process may have written a key under this id just now: it is checked like the others.
  await client.query(
    `INSERT INTO sealing_key (id, check_value) VALUES ($1, $2)
     ON CONFLICT (id) DO UPDATE SET last_used_at = now() WHERE sealing_key.check_value = $2`,
    [id, checkValue(key)],
  );
  if (!used.some((one) => one.id === id)) await checkKeyRing(client, ring);
}

/**
 * Checks the ring, and writes nothing.
 *
 * @returns keys under which something may be sealed, by id
 * @throws KeyRingRefusedError
 */
export async function checkKeyRing(client: Queryable, ring: KeyRing): Promise<UsedKey[]> {
  const { rows } = await client.query<Row>(
    `SELECT id, check_value, extract(epoch FROM now() - last_used_at)::float8 AS idle_seconds FROM sealing_key ORDER BY id`,
  );
  const lacking = rows.filter(({ id }) => !ring.keys.has(id)).map(({ id }) => id);
  const changed = rows.flatMap(({ id, check_value }) => {
    const ours = ring.keys.get(id);
    return ours === undefined || timingSafeEqual(checkValue(ours.key), check_value) ? [] : [id];
  });
  if (lacking.length + changed.length > 0) throw new KeyRingRefusedError(lacking, changed);
  return rows.map(({ id, idle_seconds }) => ({ id, idleSeconds: idle_seconds }));
}

/**
 * Forgets a key under which nothing is sealed any more, unless somebody has said since that they seal with it.
 *
 * @returns whether it may be taken out of the ring
 */
export async function forgetKey(client: Queryable, id: string, idleSeconds: number): Promise<boolean> {
  const { rowCount } = await client.query(
    'DELETE FROM sealing_key WHERE id = $1 AND last_used_at <= now() - make_interval(secs => $2)',
    [id, idleSeconds],
  );
  return rowCount === 1;
}

/** Notes keys that something was found sealed under although no row said so. */
export async function noteFoundKeys(client: Queryable, ring: KeyRing, ids: Iterable<string>): Promise<void> {
  for (const id of ids) {
    const found = ring.keys.get(id);
    if (found === undefined) continue;
    await client.query(
      `INSERT INTO sealing_key (id, check_value, last_used_at) VALUES ($1, $2, '-infinity') ON CONFLICT (id) DO NOTHING`,
      [id, checkValue(found.key)],
    );
  }
}

/** Says of two keys whether they are the same, and nothing about them: HKDF-SHA256 (RFC 5869) with a label of its own. */
function checkValue(key: KeyObject): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', 'compliance portal: which key this is', 32));
}
