import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { appManifest } from './app-manifest.ts';

it('asks for wids at first, and keeps what it was changed to', () => {
  const database = new DatabaseSync(':memory:');
  const first = appManifest(database);
  expect(first.wids).toBe(true);
  first.change({ wids: false });
  const second = appManifest(database);
  expect([first.wids, second.wids]).toEqual([false, false]);
  second.change({ wids: true });
  expect(appManifest(database).wids).toBe(true);
  second.change({ wids: false });
  second.reset();
  expect(appManifest(database).wids).toBe(true);
});
