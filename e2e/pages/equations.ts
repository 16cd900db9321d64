import { expect, type Locator } from '@playwright/test';

export interface Equation {
  readonly total: number;
  readonly terms: Readonly<Record<string, number>>;
}

/** Reads "10,412 from source = 10,380 imported + 25 waiting for mapping." as an administrator would, and adds it up. */
export async function readEquation(area: Locator, label: 'Items' | 'Copies'): Promise<Equation> {
  const words =
    (await area
      .getByRole('definition')
      .nth(label === 'Items' ? 0 : 1)
      .textContent()) ?? '';
  const [left = '', right = ''] = (words.split('.')[0] ?? '').split(' = ');
  const terms = Object.fromEntries(
    right.split(' + ').map((term) => {
      const [, count = '', name = ''] = /^([\d,]+) (.*)$/.exec(term) ?? [];
      return [name, numberOf(count)];
    }),
  );
  const total = numberOf(left.split(' ')[0] ?? '');
  expect(
    Object.values(terms).reduce((sum, count) => sum + count, 0),
    words,
  ).toBe(total);
  return { total, terms };
}

function numberOf(text: string): number {
  return Number(text.replaceAll(',', ''));
}
