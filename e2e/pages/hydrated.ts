import type { Page } from '@playwright/test';

/** Waits until React has taken the page over from the server's drawing: from then on its controls answer. */
export async function hydrated(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const first = document.querySelector('main a, main button, main input');
    return first !== null && Object.keys(first).some((key) => key.startsWith('__reactProps$'));
  });
}
