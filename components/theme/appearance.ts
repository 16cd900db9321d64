/** Light, dark, or what the system says. Kept in a cookie, so that the server writes `data-theme` before the first paint. */
export const APPEARANCES = ['system', 'light', 'dark'] as const;
export type Appearance = (typeof APPEARANCES)[number];

export const APPEARANCE_COOKIE = 'appearance';

export function appearanceOf(cookie: string | undefined): Appearance {
  return APPEARANCES.find((one) => one === cookie) ?? 'system';
}
