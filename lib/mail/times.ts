/** Times as Graph takes them and as people read them. */

/** `2026-11-21T06:14:05Z`, with milliseconds only where there are some: the form that Graph's SystemTime takes. */
export function systemTime(time: Date): string {
  return time.toISOString().replace('.000Z', 'Z');
}

/** `2026-11-21 06:14:05 UTC` for people. */
export function readableTime(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `1 hour 4 minutes 5 seconds`. @param ms 0 or more */
export function readableDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const parts = [
    [Math.floor(seconds / 3600), 'hour'],
    [Math.floor(seconds / 60) % 60, 'minute'],
    [seconds % 60, 'second'],
  ] as const;
  const words = parts
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}${count === 1 ? '' : 's'}`);
  return words.length === 0 ? '0 seconds' : words.join(' ');
}
