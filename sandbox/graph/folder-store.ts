/** Folders of the mailboxes, as rows. */
import { folderNameKey } from './folder-names.ts';
import type { GroupCommit } from './group-commit.ts';
import { RECOVERABLE } from './mailbox-schema.ts';
import { type FolderCounts, type FolderRow, folderCounts, folderRow } from './rows.ts';
import type { Statements } from './statements.ts';

const FOLDER = 'SELECT f.* FROM graph_folder f';
const COUNTS = `SELECT
  (SELECT count(*) FROM graph_message WHERE folder = ?1) AS total,
  (SELECT count(*) FROM graph_message WHERE folder = ?1 AND is_read = 0) AS unread,
  (SELECT count(*) FROM graph_folder WHERE parent = ?1 AND hidden = 0) AS children`;

export class FolderStore {
  readonly #rows: Statements;
  readonly #commits: GroupCommit;
  /** asked with every message that is written, so remembered until a folder changes */
  readonly #found = new Map<number, { readonly mailbox: number; readonly folder: FolderRow }>();

  constructor(rows: Statements, commits: GroupCommit) {
    this.#rows = rows;
    this.#commits = commits;
  }

  find(mailbox: number, folder: number): FolderRow | undefined {
    const known = this.#found.get(folder);
    if (known) return known.mailbox === mailbox ? known.folder : undefined;
    const row = this.#rows.get(`${FOLDER} WHERE f.mailbox = ? AND f.seq = ?`, mailbox, folder);
    if (!row) return undefined;
    const found = folderRow(row);
    this.#found.set(folder, { mailbox, folder: found });
    return found;
  }

  /** Reads folders anew. */
  forget(): void {
    this.#found.clear();
  }

  /** Whether there is such a folder, in whichever mailbox. */
  exists(folder: number): boolean {
    return this.#rows.seq('SELECT seq FROM graph_folder WHERE seq = ?', folder) !== undefined;
  }

  wellKnown(mailbox: number, name: string): FolderRow | undefined {
    const sql = `${FOLDER} WHERE f.mailbox = ? AND f.well_known = ?`;
    const row = this.#rows.get(sql, mailbox, name.toLowerCase());
    return row && folderRow(row);
  }

  /** Children by display name, hidden ones left out unless asked for. */
  children(mailbox: number, parent: number, includeHidden = false): readonly FolderRow[] {
    const sql = `${FOLDER} WHERE f.mailbox = ? AND f.parent = ? AND f.hidden <= ? ORDER BY f.name_key`;
    return this.#rows.all(sql, mailbox, parent, Number(includeHidden)).map(folderRow);
  }

  /** What lies in a folder. Counted, so asked only where an answer shows it. */
  counts(folder: number): FolderCounts {
    return folderCounts(this.#rows.get(COUNTS, folder) ?? {});
  }

  hasChildNamed(mailbox: number, parent: number, displayName: string): boolean {
    const sql = 'SELECT seq FROM graph_folder WHERE mailbox = ? AND parent = ? AND name_key = ?';
    return this.#rows.seq(sql, mailbox, parent, folderNameKey(displayName)) !== undefined;
  }

  /** Makes a folder; `parent` is null for those that are nobody's child. */
  create(
    mailbox: number,
    parent: number | null,
    displayName: string,
    wellKnown: string | null = null,
    hidden = wellKnown === RECOVERABLE,
  ): number {
    return this.#rows.insert(
      'INSERT INTO graph_folder (mailbox, parent, display_name, name_key, well_known, hidden) VALUES (?, ?, ?, ?, ?, ?)',
      mailbox,
      parent,
      displayName,
      folderNameKey(displayName),
      wellKnown,
      Number(hidden),
    );
  }

  /** Puts a folder below another, under a name that is free there, both at once. */
  place(folder: number, parent: number | null, displayName: string): void {
    const sql = 'UPDATE graph_folder SET parent = ?, display_name = ?, name_key = ? WHERE seq = ?';
    this.#rows.run(sql, parent, displayName, folderNameKey(displayName), folder);
    this.forget();
  }

  /** Removes a folder and all below it; what lay there goes to `recoverable`. */
  remove(mailbox: number, folder: number, recoverable: number, modified: number): void {
    this.#commits.atomic(() => {
      for (const child of this.children(mailbox, folder, true)) {
        this.remove(mailbox, child.seq, recoverable, modified);
      }
      const sql = 'UPDATE graph_message SET folder = ?, modified = ? WHERE folder = ?';
      this.#rows.run(sql, recoverable, modified, folder);
      this.#rows.run('DELETE FROM graph_folder WHERE seq = ?', folder);
      this.forget();
    });
  }
}
