/** An anchor lies outside of the database, is never replaced, stands in the log, and is verified without our code. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import canonicalize from 'canonicalize';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { anchorHeads } from './anchor-heads.ts';
import { type AuditWorld, auditWorld } from './chain.fixture.ts';
import { publicKeyPem } from './keys.ts';
import { linkEntries } from './link-entries.ts';

const lineSchema = z.object({
  msg: z.string(),
  anchor: z.object({ statement: z.record(z.string(), z.unknown()), signature: z.string() }),
});

let world: AuditWorld;
let folder: string;
let logged: z.infer<typeof lineSchema>;
beforeAll(async () => {
  world = await auditWorld();
  folder = mkdtempSync(join(tmpdir(), 'anchor-'));
  await world.write('one', 'two');
  await linkEntries(world.pool, world.keys);
  const lines: string[] = [];
  await anchorHeads({ ...world, log: pino({}, { write: (line: string) => void lines.push(line) }) });
  logged = lineSchema.parse(JSON.parse(lines[0] ?? ''));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await world.close();
});

async function stored(fromDay?: string) {
  const all: { name: string; text: string }[] = [];
  for await (const one of world.anchors.all(world.organizationId, fromDay)) all.push(one);
  return all;
}

it('is in blob storage and, the same, in the worker’s log, with the head of the chain', async () => {
  const { rows } = await world.pool.query<{ mac: Buffer }>('SELECT mac FROM audit_link WHERE seq = 2');
  expect(logged.msg).toBe('audit anchor');
  expect(JSON.stringify(logged.anchor.statement)).toContain(rows[0]?.mac.toString('hex'));
  expect((await stored()).map(({ text }) => JSON.parse(text))).toEqual([logged.anchor]);
});

it('is not replaced by whoever writes once more', async () => {
  const [{ name = '', text = '' } = {}] = await stored();
  await world.anchors.put(name, 'something else');
  expect(await stored()).toEqual([{ name, text }]);
});

it('is not read for a time behind it', async () => {
  const today = new Date().toISOString().slice(0, 10);
  expect(await stored(today)).toHaveLength(1);
  expect(await stored('2999-01-01')).toEqual([]);
});

it('is verified by openssl over its statement, and no other statement is', () => {
  const verified = (statement: unknown): boolean => {
    writeFileSync(join(folder, 'statement'), canonicalize(statement) ?? '');
    try {
      const args = 'pkeyutl -verify -pubin -inkey public.pem -rawin -in statement -sigfile signature'.split(' ');
      execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
      return true;
    } catch {
      return false;
    }
  };
  writeFileSync(join(folder, 'public.pem'), publicKeyPem(world.keys.current));
  writeFileSync(join(folder, 'signature'), Buffer.from(logged.anchor.signature, 'base64'));
  expect(verified(logged.anchor.statement)).toBe(true);
  expect(verified({ ...logged.anchor.statement, seq: '3' })).toBe(false);
});
