import type { Page } from '@playwright/test';

/**
 * Counts what somebody presses on the page, as the browser sees it: no click of a test can be left out. Keys, and clicks that
 * scripts make, are none.
 */
export async function countClicks(page: Page): Promise<() => number> {
  let clicks = 0;
  await page.exposeFunction('clickWasCounted', () => {
    clicks += 1;
  });
  await page.addInitScript(() => {
    addEventListener(
      'pointerdown',
      ({ isTrusted }) => {
        if (isTrusted && 'clickWasCounted' in window && typeof window.clickWasCounted === 'function') {
          window.clickWasCounted();
        }
      },
      { capture: true },
    );
  });
  await page.reload();
  return () => clicks;
}
