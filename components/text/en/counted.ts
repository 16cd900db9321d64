/** Numbers of things in words. Pure. */
const number = new Intl.NumberFormat('en-US');

/** 1 item, 2 items, 10,412 items. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${number.format(count)} ${count === 1 ? one : many}`;
}

/** 1 copy, 2 copies. */
export const copies = (count: number): string => counted(count, 'copy', 'copies');

/** How long to wait: 1 second, 40 seconds, 12 minutes. Minutes are rounded up, so that nobody comes too early. */
export function waitingTime(seconds: number): string {
  return seconds <= 90 ? counted(Math.ceil(seconds), 'second') : counted(Math.ceil(seconds / 60), 'minute');
}
