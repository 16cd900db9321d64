import { expect, test } from 'vitest';
import { fileNameSchema } from './file-name.ts';

test.each(['mapping.csv', 'x', 'x'.repeat(255), 'Zoës Liste 📱.csv'])('%s is a name', (name) => {
  expect(fileNameSchema.safeParse(name).success).toBe(true);
});

test.each([
  ['nothing', ''],
  ['what is too long', 'x'.repeat(256)],
  ['what PostgreSQL cannot store', 'a\0b'],
])('%s is none', (_, name) => {
  expect(fileNameSchema.safeParse(name).success).toBe(false);
});
