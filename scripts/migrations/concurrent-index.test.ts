import { expect, test } from 'vitest';
import { concurrentIndex } from './concurrent-index.ts';

test('an index that is made concurrently is told from everything else', () => {
  expect(concurrentIndex('-- why\nCREATE INDEX CONCURRENTLY IF NOT EXISTS a_b ON a (b) WHERE c = 1; -- end\n')).toBe(
    'a_b',
  );
  expect(concurrentIndex('create unique index concurrently a_b on a (b)')).toBe('a_b');
  expect(concurrentIndex('CREATE INDEX a_b ON a (b)')).toBeNull();
  expect(concurrentIndex('CREATE INDEX CONCURRENTLY a_b ON a (b); ALTER TABLE a ADD COLUMN c text')).toBeNull();
});
