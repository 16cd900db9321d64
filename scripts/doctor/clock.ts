/** How far two clocks may be apart. */
import type { Finding } from './finding.ts';

/** More than a network's delay and the rounding of clocks; less than what tokens, leases and evidence bear. */
const MOST_SECONDS = 30;

/** @param seconds that the other's clock is ahead of this machine's */
export function clockFinding(about: string, seconds: number): Finding {
  const found = `${Math.abs(seconds).toFixed(1)} seconds ${seconds < 0 ? 'behind' : 'ahead of'} this machine's.`;
  if (Math.abs(seconds) <= MOST_SECONDS) return { about, result: 'well', found };
  return { about, result: 'wrong', found, toDo: 'Set both by NTP: tokens, leases and times of evidence go by them.' };
}
