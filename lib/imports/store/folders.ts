/** Where the archive's folder is in each mailbox: remembered, and forgotten when the mailbox says it is gone. */
import type pg from 'pg';

export async function rememberedFolders(
  pool: pg.Pool,
  organizationId: string,
  folderName: string,
  userIds: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await pool.query<{ user_id: string; folder_id: string }>(
    `SELECT user_id, folder_id FROM mailbox_folder
     WHERE organization_id = $1 AND folder_name = $2 AND user_id = ANY ($3::uuid[])`,
    [organizationId, folderName, userIds],
  );
  return new Map(rows.map((row) => [row.user_id, row.folder_id]));
}

export async function rememberFolder(
  pool: pg.Pool,
  organizationId: string,
  folderName: string,
  userId: string,
  folderId: string,
): Promise<void> {
  await pool.query(
    `INSERT INTO mailbox_folder (organization_id, user_id, folder_name, folder_id) VALUES ($1, $2, $3, $4)
     ON CONFLICT (organization_id, user_id, folder_name) DO UPDATE SET folder_id = excluded.folder_id
       WHERE mailbox_folder.folder_id <> excluded.folder_id`,
    [organizationId, userId, folderName, folderId],
  );
}

export async function forgetFolder(
  pool: pg.Pool,
  organizationId: string,
  folderName: string,
  userId: string,
): Promise<void> {
  await pool.query('DELETE FROM mailbox_folder WHERE organization_id = $1 AND folder_name = $2 AND user_id = $3', [
    organizationId,
    folderName,
    userId,
  ]);
}
