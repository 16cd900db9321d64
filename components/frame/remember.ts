/** A choice that the server must know at the first paint of the next page: a cookie of this browser, for a year. */

const YEAR_MS = 365 * 24 * 60 * 60 * 1000;

/** Never fails: what cannot be remembered holds until the page is left. */
export async function remember(name: string, value: string): Promise<void> {
  try {
    await window.cookieStore?.set({ name, value, path: '/', expires: Date.now() + YEAR_MS, sameSite: 'lax' });
  } catch {
    // A browser that keeps no cookies for this page: the choice has taken effect all the same.
  }
}
