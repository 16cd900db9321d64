/**
 * `npm run rotate-keys`: seals everything under the newest key of ENCRYPTION_KEYS, while the installation runs, and says
 * which older keys may go. `-- --check <key id>` only says whether that one may.
 *
 * Exit code 0: every key that was asked about may go. 3: something still lies under one. 1: it could not be done.
 */
import { parseArgs } from 'node:util';
import { stagingSettings } from '#lib/connectors/composition.ts';
import { database } from '#lib/db.ts';
import { EnvError, readEnv } from '#lib/env.ts';
import { postgresLedger } from '#lib/imports/ledger.ts';
import { fatesOfKeys, type KeyFate, rotateKeys } from '#lib/key-rotation/rotate.ts';
import { log } from '#lib/log.ts';
import { KeyRingRefusedError } from '#lib/security/key-use.ts';
import { connectStaging } from '#lib/staging/connect.ts';

const STILL_IN_USE = 3;

function sentence(fate: KeyFate): string {
  switch (fate.kind) {
    case 'free':
      return `${fate.id}: nothing is sealed with it. It may be taken out of ENCRYPTION_KEYS.`;
    case 'in_use':
      return `${fate.id}: in use. ${fate.uses.map(({ where, count }) => `${where}: ${count}`).join(', ')}.`;
    case 'sealing':
      return `${fate.id}: a process sealed with it ${fate.secondsAgo} seconds ago. Start all of them with the new key in front, then run this again after five minutes.`;
  }
}

async function run(): Promise<number> {
  const { values } = parseArgs({ options: { check: { type: 'string' } } });
  const { ENCRYPTION_KEYS: keyRing } = await readEnv();
  const { pool, prisma } = database();
  try {
    const deps = {
      pool,
      keyRing,
      ledger: postgresLedger(pool),
      staging: connectStaging(stagingSettings()),
      log: log(),
    };
    if (values.check === keyRing.current.id) {
      console.log(`${values.check}: in use. It is the newest key.`);
      return STILL_IN_USE;
    }
    const asked = (fate: KeyFate): boolean => values.check === undefined || fate.id === values.check;
    const tell = (done: { where: string; resealed: number; unopened: number }): void =>
      console.log(
        `${done.where}: ${done.resealed} sealed anew${done.unopened > 0 ? `, ${done.unopened} do not open` : ''}`,
      );
    const fates = (values.check === undefined ? await rotateKeys(deps, tell) : await fatesOfKeys(deps)).filter(asked);
    if (fates.length === 0)
      console.log(values.check === undefined ? 'There is one key.' : `${values.check}: not known here.`);
    for (const fate of fates) console.log(sentence(fate));
    return fates.every(({ kind }) => kind === 'free') ? 0 : STILL_IN_USE;
  } finally {
    await prisma.$disconnect();
    await pool.end();
  }
}

try {
  process.exitCode = await run();
} catch (error) {
  console.error(error instanceof EnvError || error instanceof KeyRingRefusedError ? error.message : error);
  process.exitCode = 1;
}
