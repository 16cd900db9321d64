/** Words of *Evidence*, which its page alone loads. */
export { evidence } from './en/evidence.ts';
