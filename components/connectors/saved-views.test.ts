import { expect, it } from 'vitest';
import {
  LONGEST_NAME,
  MOST_VIEWS,
  queryToSave,
  readStored,
  type SavedView,
  savedViews,
  type ViewStorage,
  withoutView,
  withView,
  writeStored,
} from './saved-views.ts';
import { viewOf } from './view.ts';

const of = (name: string, query = '?needing=1'): SavedView => ({ name, query });

it('keeps views by person, and gives them back as links', () => {
  const kept = new Map<string, string>();
  const storage = (): ViewStorage => ({
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
  });
  expect(writeStored(storage, 'ada', withView([], of('Mine', '?needing=1&sort=health')))).toBe(true);
  expect(savedViews(readStored(storage, 'ada'))).toEqual([of('Mine', '?needing=1&sort=health')]);
  expect(savedViews(readStored(storage, 'bob'))).toEqual([]);
});

it('an open fly-out is no part of a view', () => {
  expect(queryToSave(viewOf(new URLSearchParams('search=a&connector=1')))).toBe('?search=a');
});

it('a name is there once; names are trimmed, in order, and not endless', () => {
  const views = withView(withView([of('B'), of('A 10')], of(' B ', '')), of('A 9'));
  expect(views).toEqual([of('A 9'), of('A 10'), of('B', '')]);
  expect(withView(views, of('  '))).toBe(views);
  expect(withView([], of('x'.repeat(500)))[0]?.name).toHaveLength(LONGEST_NAME);
  expect(withoutView(views, 'B').map(({ name }) => name)).toEqual(['A 9', 'A 10']);
  const many = Array.from({ length: MOST_VIEWS + 5 }, (_, at) => of(`${at}`)).reduce(
    withView,
    [] as readonly SavedView[],
  );
  expect(many).toHaveLength(MOST_VIEWS);
  // None goes for another.
  expect(many.map(({ name: one }) => one)).toContain('0');
  expect(withView(many, of('0', '?search=x'))).toContainEqual(of('0', '?search=x'));
});

it('what somebody else wrote there is left out, and nonsense in a query too', () => {
  for (const stored of [null, '', '{', '3', '{"name":"a"}']) expect(savedViews(stored)).toEqual([]);
  expect(savedViews('[null,{"name":1,"query":""},{"name":"a","query":"?sort=moon&search=x"}]')).toEqual([
    of('a', '?search=x'),
  ]);
});

it('a browser that keeps nothing says so', () => {
  const refuses = (): ViewStorage => {
    throw new Error('no storage');
  };
  expect(readStored(refuses, 'ada')).toBeNull();
  expect(writeStored(refuses, 'ada', [])).toBe(false);
});
