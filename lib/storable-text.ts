/** Text that PostgreSQL can store: every character but NUL, which it refuses with an error that would look like ours. Pure. */
export function isStorable(text: string): boolean {
  return !text.includes('\0');
}
