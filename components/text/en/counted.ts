/** Numbers of things in words. Pure. */
const number = new Intl.NumberFormat('en-US');

/** 1 item, 2 items, 10,412 items. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${number.format(count)} ${count === 1 ? one : many}`;
}

/** 1 copy, 2 copies. */
export const copies = (count: number): string => counted(count, 'copy', 'copies');
