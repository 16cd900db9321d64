/** Telephone numbers as they are shown to people who may see counts, but not people. Pure. */
import type { Actor } from './actor.ts';
import { isAllowed } from './roles.ts';

/** Whether somebody sees whole numbers. */
export function seesNumbers({ roles }: Pick<Actor, 'roles'>): boolean {
  return isAllowed(roles, 'mapping.manage') || isAllowed(roles, 'content.read');
}

/** Enough of a number to tell two apart: `+1••••••0100`. */
export function maskedNumber(number: string): string {
  if (number.length < 7) return '•••';
  return `${number.slice(0, 2)}${'•'.repeat(number.length - 6)}${number.slice(-4)}`;
}
