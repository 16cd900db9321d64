/** When two names of folders are one. */

/**
 * What two names have in common that cannot stand side by side: case does not tell them apart, in any script. SQLite's
 * own NOCASE knows the letters A to Z only.
 */
export function folderNameKey(displayName: string): string {
  return displayName.normalize('NFC').toLowerCase();
}

/**
 * The name, or the first of `name (1)`, `name (2)` … that is free. What Exchange calls the second of two folders in
 * Deleted Items is not documented.
 */
export function freeName(displayName: string, isTaken: (name: string) => boolean): string {
  let free = displayName;
  for (let number = 1; isTaken(free); number += 1) free = `${displayName} (${number})`;
  return free;
}
