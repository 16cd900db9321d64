import { expect, it } from 'vitest';
import { boundsOf, daysOf, periodOf } from './period.ts';

const id = '3d8c5b71-0f42-4e96-b8a3-94d7e61c2f05';
const of = (query: string) => periodOf(new URLSearchParams(query));

it('is two days of the calendar, of one connector or of all', () => {
  expect(of('from=2026-11-20&to=2026-11-21')).toEqual({ from: '2026-11-20', to: '2026-11-21', connectorId: null });
  expect(of(`from=2028-02-29&to=2028-02-29&connector=${id}`)).toMatchObject({ connectorId: id });
});

it.each([
  '',
  'from=2026-11-20',
  'from=2026-11-21&to=2026-11-20',
  'from=2026-02-30&to=2026-03-01',
  'from=2026-11-20T00:00&to=2026-11-21',
  "from=2026-11-20&to=2026-11-21&connector=' OR 1=1",
])('refuses %o', (query) => {
  expect(of(query)).toBeNull();
});

it('has each of its days once, the last one whole', () => {
  const period = { from: '2026-02-27', to: '2026-03-01', connectorId: null };
  const days = [...daysOf(period)].map(({ from, to }) => [
    from.toISOString().slice(0, 10),
    to.toISOString().slice(0, 10),
  ]);
  expect(days).toEqual([
    ['2026-02-27', '2026-02-28'],
    ['2026-02-28', '2026-03-01'],
    ['2026-03-01', '2026-03-02'],
  ]);
  expect(boundsOf(period).to.toISOString()).toBe('2026-03-02T00:00:00.000Z');
});
