/** What is remembered of the directory and of mailboxes' folders: `store/directory.ts`, `store/folders.ts`. */
import { KNOWN_SECONDS, resultOf, UNKNOWN_SECONDS } from '#lib/imports/store/directory.ts';
import type { DirectoryResult } from '#lib/microsoft/directory.ts';
import type { DirectoryRow } from './rows.ts';
import { key, type Tables } from './tables.ts';

export function recallAddresses(
  tables: Tables,
  organizationId: string,
  addresses: readonly string[],
): Map<string, DirectoryResult> {
  const found = new Map<string, DirectoryResult>();
  for (const address of addresses) {
    const row = tables.directory.find('address', key(organizationId, address));
    if (row === undefined) continue;
    const seconds = row.result === 'mailbox' ? KNOWN_SECONDS : UNKNOWN_SECONDS;
    if (row.checkedAt > tables.inSeconds(-seconds)) found.set(address, answerOf(row));
  }
  return found;
}

function answerOf(row: Readonly<DirectoryRow>): DirectoryResult {
  return resultOf({
    address: row.address,
    result: row.result,
    user_id: row.userId,
    mailbox_address: row.mailboxAddress,
    display_name: row.displayName,
    user_principal_name: row.userPrincipalName,
    closed: row.closed,
  });
}

export function rememberAddresses(
  tables: Tables,
  organizationId: string,
  results: ReadonlyMap<string, DirectoryResult>,
): void {
  for (const [address, result] of results) {
    const mailbox = result.kind === 'mailbox' ? result : null;
    const said = {
      result: result.kind,
      userId: mailbox?.userId ?? null,
      mailboxAddress: mailbox?.address ?? null,
      displayName: mailbox?.displayName ?? null,
      userPrincipalName: mailbox?.userPrincipalName ?? null,
      closed: result.kind === 'no_mailbox' && result.reason === 'access_denied',
      checkedAt: tables.now(),
    };
    const row = tables.directory.find('address', key(organizationId, address));
    if (row) tables.directory.update(row, said);
    else {
      tables.mustExist('organization', organizationId);
      tables.directory.insert({ organizationId, address, ...said });
    }
  }
}

/** Forgets what was remembered of people whose mailbox is gone. */
export function forgetMailboxes(tables: Tables, organizationId: string, userIds: readonly string[]): void {
  const gone = new Set(userIds);
  for (const row of [...tables.directory]) {
    if (row.organizationId === organizationId && row.userId !== null && gone.has(row.userId))
      tables.directory.delete(row);
  }
}

export function rememberedFolders(
  tables: Tables,
  organizationId: string,
  folderName: string,
  userIds: readonly string[],
): Map<string, string> {
  return new Map(
    userIds.flatMap((userId): [string, string][] => {
      const row = tables.folders.find('folder', key(organizationId, userId, folderName));
      return row ? [[userId, row.folderId]] : [];
    }),
  );
}

export function rememberFolder(
  tables: Tables,
  organizationId: string,
  folderName: string,
  userId: string,
  folderId: string,
): void {
  const row = tables.folders.find('folder', key(organizationId, userId, folderName));
  if (row) tables.folders.update(row, { folderId });
  else {
    tables.mustExist('organization', organizationId);
    tables.folders.insert({ organizationId, userId, folderName, folderId });
  }
}

export function forgetFolder(tables: Tables, organizationId: string, folderName: string, userId: string): void {
  const row = tables.folders.find('folder', key(organizationId, userId, folderName));
  if (row) tables.folders.delete(row);
}
