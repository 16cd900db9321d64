/** Every act that the audit log has a name for is written somewhere: by the product, or by a trigger of a migration. */
import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { AUDIT_ACTIONS, AUTOMATIC_ACTIONS, ORGANIZATION_ACTIONS } from './entries.ts';

const sources = [
  ...globSync('{lib,app,workers}/**/*.{ts,tsx}', {
    exclude: (name) =>
      /generated|\.test\.ts$|\.fixture\.ts$|audit\/entries\.ts$|history-words\.ts$|selection\.ts$/.test(name),
  }),
  ...globSync('prisma/migrations/*/migration.sql'),
]
  .map((path) => readFileSync(path, 'utf8'))
  .join('\n');

it.each([...AUDIT_ACTIONS, ...ORGANIZATION_ACTIONS, ...AUTOMATIC_ACTIONS])('%s', (action) => {
  expect(sources.includes(`'${action}'`)).toBe(true);
});
