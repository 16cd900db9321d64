'use client';

import { useMemo, useSyncExternalStore } from 'react';
import {
  readStored,
  type SavedView,
  savedViews,
  type ViewStorage,
  withoutView,
  withView,
  writeStored,
} from './saved-views.ts';

export interface SavedViews {
  readonly views: readonly SavedView[];
  /** @returns false where the browser keeps nothing */
  save(view: SavedView): boolean;
  remove(name: string): void;
}

const storage = (): ViewStorage => window.localStorage;
/** Told of changes in other tabs by the browser, and of those in this one here. */
const CHANGED = 'saved-views-changed';

/** A person's saved views in this browser; the same in all of its tabs. None until the browser has taken over. */
export function useSavedViews(person: string): SavedViews {
  const stored = useSyncExternalStore(
    subscribe,
    () => readStored(storage, person),
    () => null,
  );
  const views = useMemo(() => savedViews(stored), [stored]);
  function write(next: readonly SavedView[]): boolean {
    const kept = writeStored(storage, person, next);
    dispatchEvent(new Event(CHANGED));
    return kept;
  }
  return {
    views,
    save: (view) => write(withView(views, view)),
    remove: (name) => void write(withoutView(views, name)),
  };
}

function subscribe(listener: () => void): () => void {
  addEventListener('storage', listener);
  addEventListener(CHANGED, listener);
  return () => {
    removeEventListener('storage', listener);
    removeEventListener(CHANGED, listener);
  };
}
