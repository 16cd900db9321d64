/** How large a mapping file may be. A file of its own: pages say these, and need nothing of what reads a file. */
export const MAX_FILE_BYTES = 64 * 1024 * 1024;
export const MAX_ROWS = 1_000_000;
export const MAX_COLUMNS = 100;
