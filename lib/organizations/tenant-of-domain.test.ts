import { expect, test } from 'vitest';
import { AppTokenError } from '../microsoft/app-token.ts';
import { remembered } from './tenant-of-domain.ts';

function world(most = 10) {
  let time = 0;
  const asked: string[] = [];
  let failure: AppTokenError | null = null;
  const discover = remembered(
    async (domain) => {
      asked.push(domain);
      if (failure !== null) throw failure;
      return {
        authorizationEndpoint: 'https://a.example',
        tokenEndpoint: 'https://t.example',
        issuer: domain,
        jwksUri: 'https://k.example',
      };
    },
    { lifetimeMs: 1000, most, now: () => time },
  );
  return {
    asked,
    discover,
    at: (ms: number) => {
      time = ms;
    },
    fail: (error: AppTokenError | null) => {
      failure = error;
    },
  };
}

test('asks once for many, and again when the answer is old', async () => {
  const { asked, discover, at } = world();
  const answers = await Promise.all([discover('x.example'), discover('x.example')]);
  expect(answers.map(({ issuer }) => issuer)).toEqual(['x.example', 'x.example']);
  at(999);
  await discover('x.example');
  expect(asked).toHaveLength(1);
  at(1000);
  await discover('x.example');
  expect(asked).toHaveLength(2);
});

test('remembers that nobody has the domain, but no outage', async () => {
  const { asked, discover, fail } = world();
  fail(new AppTokenError('tenant_unknown', 'none'));
  await expect(discover('x.example')).rejects.toThrow('none');
  await expect(discover('x.example')).rejects.toThrow('none');
  expect(asked).toEqual(['x.example']);
  fail(new AppTokenError('unreachable', 'away'));
  await expect(discover('y.example')).rejects.toThrow('away');
  fail(null);
  expect((await discover('y.example')).issuer).toBe('y.example');
});

test('remembers no more domains than it may', async () => {
  const { asked, discover } = world(2);
  for (const domain of ['a', 'b', 'c', 'b', 'a']) await discover(domain);
  expect(asked).toEqual(['a', 'b', 'c', 'a']);
});
