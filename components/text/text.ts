/**
 * Every word that a page shows, by screen. A second language is a second folder beside `en/` with the same shape,
 * chosen here. Sentences that carry a value are functions, so that word order is the language's own.
 *
 * Names, and no object of all of them: `import * as text` and `text.frame` bring one screen's words into a page, where an
 * object would bring those of all screens.
 */
export { audit } from './en/audit.ts';
export { calendar, charts } from './en/calendar.ts';
export { commands } from './en/commands.ts';
export { connectorViews } from './en/connector-views.ts';
export { connectors } from './en/connectors.ts';
export { corrections } from './en/corrections.ts';
export { coverage } from './en/coverage.ts';
export { frame } from './en/frame.ts';
export { history } from './en/history.ts';
export { mapping } from './en/mapping.ts';
export { mappingRule } from './en/mapping-rule.ts';
export { notifications } from './en/notifications.ts';
export { organization } from './en/organization.ts';
export { problems } from './en/problems.ts';
export { product } from './en/product.ts';
export { recovery } from './en/recovery.ts';
export { settings } from './en/settings.ts';
export { signIn } from './en/sign-in.ts';
export { undone } from './en/undone.ts';
export { validation } from './en/validation.ts';
export { wizard } from './en/wizard.ts';
