/** What the manifest of the portal's app registration says, as far as it can be changed here. */
import type { DatabaseSync } from 'node:sqlite';

export interface AppManifest {
  /**
   * Whether ID tokens carry `wids`, a person's directory roles: what Entra ID does for an app whose manifest has
   * `groupMembershipClaims` with `DirectoryRole`. To begin with it does, as the portal's own registration asks for it.
   */
  readonly wids: boolean;
  change(change: { readonly wids: boolean }): void;
  /** as at a first start */
  reset(): void;
}

/** The manifest, kept in the sandbox's database. */
export function appManifest(database: DatabaseSync): AppManifest {
  database.exec('CREATE TABLE IF NOT EXISTS entra_app_manifest (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT');
  const read = database.prepare("SELECT value FROM entra_app_manifest WHERE name = 'wids'");
  const write = database.prepare("INSERT OR REPLACE INTO entra_app_manifest VALUES ('wids', ?)");
  return {
    get wids() {
      return read.get()?.value !== 0;
    },
    change: ({ wids }) => {
      write.run(wids ? 1 : 0);
    },
    reset: () => database.exec('DELETE FROM entra_app_manifest'),
  };
}
