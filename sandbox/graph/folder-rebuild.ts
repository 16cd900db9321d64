/** The table of folders of a state folder that is older than the keys of names. */
import type { DatabaseSync } from 'node:sqlite';
import { folderNameKey } from './folder-names.ts';
import { allOrNothing } from './group-commit.ts';

/**
 * Gives the folders of an older state the keys that `table` asks for, and takes the recoverable items, which had been
 * made a child of the root, out of the tree. Of folders that now have the same name both stay.
 */
export function rebuildFolders(database: DatabaseSync, table: string, recoverable: string): void {
  const columns = database.prepare("SELECT name FROM pragma_table_info('graph_folder')").all();
  if (columns.some(({ name }) => name === 'name_key')) return;
  database.function('folder_name_key', { deterministic: true }, (name) => folderNameKey(String(name)));
  allOrNothing(database, () => {
    database.exec(`
      ALTER TABLE graph_folder RENAME TO graph_folder_before;
      ${table};
      INSERT INTO graph_folder (seq, mailbox, parent, display_name, name_key, well_known, hidden)
        SELECT seq, mailbox, iif(well_known = '${recoverable}', NULL, parent), display_name,
          folder_name_key(display_name) || iif(row_number() OVER same > 1, char(0) || seq, ''), well_known, hidden
        FROM graph_folder_before WINDOW same AS (PARTITION BY mailbox, parent, folder_name_key(display_name) ORDER BY seq);
      DELETE FROM sqlite_sequence WHERE name = 'graph_folder';
      UPDATE sqlite_sequence SET name = 'graph_folder' WHERE name = 'graph_folder_before';
      DROP TABLE graph_folder_before;
    `);
  });
}
