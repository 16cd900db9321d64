import { execFileSync } from 'node:child_process';

/**
 * The seed of every randomized test in this run, an unsigned 32-bit integer: `TEST_SEED` (decimal, or hex after `0x`),
 * else the first eight hexadecimal digits of the commit, so that a red run repeats. Without git it is 1.
 */
export function testSeed(environment: Readonly<Record<string, string | undefined>> = process.env): number {
  const given = environment.TEST_SEED;
  if (given) {
    const seed = Number(given);
    if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff) {
      throw new Error(`TEST_SEED must be a whole number from 0 to 0xffffffff, not "${given}".`);
    }
    return seed;
  }
  try {
    const head = execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return Number.parseInt(head.slice(0, 8), 16);
  } catch {
    return 1;
  }
}
