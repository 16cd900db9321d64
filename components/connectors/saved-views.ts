/**
 * Views of the Connectors tab that somebody gave a name, kept in this browser (`localStorage`) for each person who signs in
 * there. A view is an address: what is kept is its query, so that it opens, is shared and is marked like any link.
 */
import { queryOf, type View, viewOf } from './view.ts';

export interface SavedView {
  /** unique among a person's views */
  readonly name: string;
  /** as `queryOf` writes it: `''` or `?…` */
  readonly query: string;
}

/** Characters of a name, and views a person. */
export const LONGEST_NAME = 60;
export const MOST_VIEWS = 30;

/** The part of `Storage` that is needed. */
export type ViewStorage = Pick<Storage, 'getItem' | 'setItem'>;

const keyOf = (person: string): string => `connectors.views.${person}`;

/** A view as it is kept: an open fly-out is no part of it. What makes no sense in the query is left out. */
export function queryToSave(view: View): string {
  return queryOf({ ...view, connector: null });
}

/** By name. Empty where nothing is kept, where it cannot be read, or where somebody else wrote there. Never throws. */
export function savedViews(stored: string | null): readonly SavedView[] {
  const found = parseJson(stored);
  if (!Array.isArray(found)) return [];
  return found.filter(isSavedView).map(({ name, query }) => ({
    name: name.slice(0, LONGEST_NAME),
    query: queryToSave(viewOf(new URLSearchParams(query))),
  }));
}

function isSavedView(one: unknown): one is SavedView {
  const { name, query } = Object(one) as Partial<SavedView>;
  return typeof name === 'string' && typeof query === 'string';
}

/** With one more, which takes the place of another one of the same name. As they are where there are `MOST_VIEWS` already. */
export function withView(views: readonly SavedView[], view: SavedView): readonly SavedView[] {
  const name = view.name.trim().slice(0, LONGEST_NAME);
  if (name === '') return views;
  const others = views.filter((one) => one.name !== name);
  if (others.length >= MOST_VIEWS) return views;
  return [...others, { name, query: view.query }].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

export function withoutView(views: readonly SavedView[], name: string): readonly SavedView[] {
  return views.filter((one) => one.name !== name);
}

/** What is kept of a person, as text; null where there is nothing, or the browser keeps nothing for pages. */
export function readStored(storage: () => ViewStorage, person: string): string | null {
  try {
    return storage().getItem(keyOf(person));
  } catch {
    return null;
  }
}

/** @returns false where the browser does not keep it */
export function writeStored(storage: () => ViewStorage, person: string, views: readonly SavedView[]): boolean {
  try {
    storage().setItem(keyOf(person), JSON.stringify(views));
    return true;
  } catch {
    return false;
  }
}

function parseJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}
