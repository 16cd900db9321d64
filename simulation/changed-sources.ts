/**
 * Loads product code with some of its text changed: limits made small, so that a video of three megabytes is one of two
 * kilobytes; or the protocol broken on purpose, to see whether the simulation finds it. Nothing on disk is touched, and a
 * change whose text is not there any more is an error, so that none of them is ever made in vain.
 */
import { registerHooks } from 'node:module';

export interface Change {
  /** end of the file's path */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A rule of the product that is broken on purpose. */
export interface Breakage {
  readonly name: string;
  readonly changes: readonly Change[];
}

/**
 * Sizes and sets as small as the simulated world, so that parts, pages and sets end everywhere. Sizes in bytes. Attachments
 * that are not there yet are asked for more seldom: a day of that is most of a run, and shows nothing new.
 */
export const SCALE: readonly Change[] = [
  {
    file: 'lib/mail/attachments.ts',
    find: 'SESSION_FROM_BYTES = 3 * 1024 * 1024 - 1024',
    replace: 'SESSION_FROM_BYTES = 2_000',
  },
  { file: 'lib/mail/attachments.ts', find: 'CREATE_LIMIT_BYTES = 3_500_000', replace: 'CREATE_LIMIT_BYTES = 20_000' },
  { file: 'lib/mailbox/upload-session.ts', find: 'PART_BYTES = 12 * 320 * 1024', replace: 'PART_BYTES = 1_500' },
  { file: 'lib/mailbox/attach.ts', find: 'LIST_PAGE = 100', replace: 'LIST_PAGE = 2' },
  { file: 'lib/imports/deliver.ts', find: 'const CLAIM = 300', replace: 'const CLAIM = 8' },
  {
    file: 'lib/imports/deliver.ts',
    find: 'const CLAIM_BYTES = 8 * 1024 * 1024',
    replace: 'const CLAIM_BYTES = 4_000',
  },
  { file: 'lib/imports/deliver.ts', find: 'const FLUSH = 400', replace: 'const FLUSH = 4' },
  { file: 'lib/imports/stage-page.ts', find: 'PAGE_BYTES = 200 * 1024 * 1024', replace: 'PAGE_BYTES = 6_000' },
  {
    file: 'lib/imports/stage-attachments.ts',
    find: '{ least: 15, most: 10 * 60 }',
    replace: '{ least: 15, most: 60 * 60 }',
  },
  { file: 'lib/imports/decide-again.ts', find: 'const SET = 500', replace: 'const SET = 5' },
  {
    file: 'lib/imports/clear-staging.ts',
    find: 'KEPT_PAGE_BYTES = 32 * 1024 * 1024',
    replace: 'KEPT_PAGE_BYTES = 2_000',
  },
  // A month of the ledger is a day.
  {
    file: 'lib/imports/store/months.ts',
    find: 'first.getUTCMonth()))',
    replace: 'first.getUTCMonth(), first.getUTCDate()))',
  },
  {
    file: 'lib/imports/store/months.ts',
    find: 'last.getUTCMonth() + 1)',
    replace: 'last.getUTCMonth(), last.getUTCDate() + 1)',
  },
  { file: 'lib/imports/sweep-doubt.ts', find: 'const SET = 100', replace: 'const SET = 3' },
  { file: 'lib/imports/sweep-staging.ts', find: 'const SET = 1000', replace: 'const SET = 4' },
];

/** From now on modules are loaded with these changes. @returns asserts that every one of them was made */
export function changeSources(changes: readonly Change[]): () => void {
  const open = new Set(changes);
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const here = changes.filter(({ file }) => url.endsWith(`/${file}`));
      if (here.length === 0 || loaded.source == null) return loaded;
      let source =
        typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString();
      for (const change of here) {
        if (source.split(change.find).length !== 2) {
          throw new RangeError(`${change.file} does not hold exactly once: ${change.find}`);
        }
        source = source.replace(change.find, () => change.replace);
        open.delete(change);
      }
      return { ...loaded, source };
    },
  });
  return () => {
    const [first] = open;
    if (first) throw new RangeError(`${first.file} was not loaded`);
  };
}
