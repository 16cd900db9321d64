/** axe (WCAG 2.2 AA) on a page, in both themes; and nothing sticks out at 320 px. Pictures of it where asked for. */
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** @param what names the page in a failure, and its pictures */
export async function isAccessible(page: Page, what: string): Promise<void> {
  // Between two pages there is no title for a moment: Next streams the new one.
  await expect(page).toHaveTitle(/./);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // Fluent's sentinels around a dialog: they take the focus only to hand it on, which axe cannot know.
    const axe = new AxeBuilder({ page }).withTags(RULES).exclude('[data-tabster-dummy]');
    const { violations } = await axe.analyze();
    const found = violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`,
    );
    expect(found, `${what}, ${colorScheme}`).toEqual([]);
    await isPictured(page, `${what}, ${colorScheme}, wide`);
    const { width, height } = page.viewportSize() ?? { width: 1440, height: 900 };
    await page.setViewportSize({ width: 320, height: 800 });
    // Some components arrange themselves once they have seen the new width.
    const overhang = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    await expect.poll(overhang, `${what} at 320 px`).toBeLessThanOrEqual(0);
    await isPictured(page, `${what}, ${colorScheme}, 320 px`);
    await page.setViewportSize({ width, height });
  }
}

/** `npm run pictures` asks for a picture of every page, to be looked at by a person. */
export async function isPictured(page: Page, name: string): Promise<void> {
  const folder = process.env.E2E_PICTURES;
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}
