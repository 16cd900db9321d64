import { describe, expect, test } from 'vitest';
import { DomainRows, lookedLike } from './look-alike-domains.ts';

const known = new Set(['company.com', 'alderbyrne.example', 'wild.example']);

test.each([
  ['cornpany.com', 'company.com'],
  ['c0mpany.com', 'company.com'],
  ['company.c0rn', 'company.com'],
  ['a1derbyrne.example', 'alderbyrne.example'],
  ['vvild.example', 'wild.example'],
  ['wi1cl.example', 'wild.example'],
])('%s looks like %s', (domain, similar) => {
  expect(lookedLike(domain, known)).toBe(similar);
});

test.each(['company.com', 'company.org', 'compnay.com', 'mycompany.com'])('%s looks like none', (domain) => {
  expect(lookedLike(domain, known)).toBeNull();
});

describe('DomainRows', () => {
  test('the domain of fewer rows looks like the other one', () => {
    const rows = new DomainRows();
    rows.add('cornpany.com', 2);
    for (const row of [3, 4, 5]) rows.add('company.com', row);
    rows.add('c0mpany.com', 6);
    rows.add('other.example', 7);
    expect(rows.lookAlikes()).toEqual([
      { domain: 'cornpany.com', similar: 'company.com', rows: [2] },
      { domain: 'c0mpany.com', similar: 'company.com', rows: [6] },
    ]);
  });

  test('of as many rows, the later one', () => {
    const rows = new DomainRows();
    rows.add('company.com', 2);
    rows.add('cornpany.com', 3);
    expect(rows.lookAlikes()).toEqual([{ domain: 'cornpany.com', similar: 'company.com', rows: [3] }]);
  });

  test('a file of very many domains does not fill the memory', () => {
    const rows = new DomainRows();
    for (let index = 0; index < 20_000; index += 1) rows.add(`c${index % 2 ? '0' : 'o'}mpany${index}.com`, index);
    expect(rows.lookAlikes().length).toBeLessThan(1_000);
  });
});
