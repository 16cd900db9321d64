import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { LIMITS } from './limits.ts';

const AWAY = { 'count here': 'counted by each portal for itself', refuse: 'nothing is sent' } as const;

it('docs/security.md has the limits as they are', () => {
  const [, after = ''] = readFileSync('docs/security.md', 'utf8').split('| Limit | Times |');
  const rows = after
    .slice(0, after.indexOf('\n\n'))
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.slice(2, -2).split(' | '))
    .map(([name = '', times, minutes, , away]) => [name.replaceAll('`', ''), Number(times), Number(minutes), away]);
  expect(rows).toEqual(
    Object.entries(LIMITS).map(([name, { limit, seconds, whileRedisIsAway }]) => [
      name,
      limit,
      seconds / 60,
      AWAY[whileRedisIsAway],
    ]),
  );
});
