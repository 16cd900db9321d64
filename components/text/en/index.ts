/** All words in English, by screen. A page is sent those of the screens that its scripts name (`text.ts`). */
export { commands } from './commands.ts';
export { connectorViews } from './connector-views.ts';
export { connectors } from './connectors.ts';
export { corrections } from './corrections.ts';
export { coverage } from './coverage.ts';
export { frame } from './frame.ts';
export { mapping } from './mapping.ts';
export { problems } from './problems.ts';
export { product } from './product.ts';
export { settings } from './settings.ts';
export { signIn } from './sign-in.ts';
export { undone } from './undone.ts';
export { wizard } from './wizard.ts';
