/** Debian's Chromium for the browser tests: Playwright's own cannot always be downloaded. */
import { findProgram, installPackages, missingSentence } from './debian.ts';
import { PartError } from './part.ts';

// With fonts for what people write on phones, so that pictures show letters and not boxes.
const PACKAGES = ['chromium', 'fonts-liberation', 'fonts-noto-color-emoji', 'fonts-noto-cjk', 'fonts-noto-core'];
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/**
 * Path of a Chromium; installs it as root.
 * @throws PartError with what to do where it cannot
 */
export function chromium(): string {
  const find = () => NAMES.map(findProgram).find((path) => path !== undefined);
  const present = find();
  if (present) return present;
  if (process.getuid?.() === 0) installPackages(PACKAGES);
  const installed = find();
  if (!installed) throw new PartError(missingSentence(PACKAGES));
  return installed;
}
