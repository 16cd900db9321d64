/** Pictures of a page in every width and theme that people have, where `E2E_PICTURES` asks for them. */
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';

const WIDTHS = [320, 768, 1440] as const;
const THEMES = {
  light: { colorScheme: 'light', forcedColors: 'none' },
  dark: { colorScheme: 'dark', forcedColors: 'none' },
  contrast: { colorScheme: 'dark', forcedColors: 'active' },
} as const;

/** @param part of the page that is pictured; all of it without */
export async function isPicturedEverywhere(page: Page, name: string, part?: Locator): Promise<void> {
  const folder = process.env.E2E_PICTURES;
  if (!folder) return;
  const before = page.viewportSize() ?? { width: 1440, height: 900 };
  for (const [theme, media] of Object.entries(THEMES)) {
    await page.emulateMedia({ ...media, reducedMotion: 'reduce' });
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      const path = join(folder, `${name}, ${theme}, ${width}.png`);
      // A dialog is in the middle of what is in view.
      const fullPage = (await page.getByRole('dialog').count()) === 0;
      await (part === undefined ? page.screenshot({ path, fullPage }) : part.screenshot({ path }));
    }
  }
  await page.emulateMedia({ colorScheme: null, forcedColors: null, reducedMotion: null });
  await page.setViewportSize(before);
}
