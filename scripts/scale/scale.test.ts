import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SHARDS as PRODUCT_SHARDS } from '#lib/imports/shards.ts';
import { PROJECT } from '../services/place.ts';
import { ASSUMED, GRAPH_A_SECOND, MEASURED, needsOf, SHARDS } from './model.ts';
import { scaleTable } from './table.ts';

const page = readFileSync(join(PROJECT, 'docs/scale.md'), 'utf8');

test('docs/scale.md shows what the model gives', () => {
  expect(page).toContain(scaleTable([1_000, 50_000, 500_000], ASSUMED));
});

test('docs/scale.md names every figure that the model counts with', () => {
  const figures = [
    ...Object.values(MEASURED).flatMap((one) => (typeof one === 'number' ? [one] : Object.values(one))),
    ...Object.values(ASSUMED),
    GRAPH_A_SECOND,
  ];
  for (const figure of figures) expect([figure, page.includes(figure.toLocaleString('en'))]).toEqual([figure, true]);
  expect(SHARDS).toBe(PRODUCT_SHARDS);
});

test('one phone with one item a day', () => {
  const needs = needsOf({ phones: 1, itemsAPhoneADay: 1, copiesAnItem: 1, attachmentKbAnItem: 0, years: 1 });
  expect(needs.ledgerGbADay.left * 1e9).toBeCloseTo(MEASURED.itemBytes.left + MEASURED.copyBytes.left);
  expect(needs.graphHours * 3_600).toBeCloseTo(1 / GRAPH_A_SECOND);
  expect(needs.workerHours * 3_600 * 1e6).toBeCloseTo(MEASURED.workerMicros);
  expect(needs.identityRows * 1e9).toBeCloseTo(365);
  expect(needs.stagedGb * 1e9).toBeCloseTo(MEASURED.stagedBytes);
});
