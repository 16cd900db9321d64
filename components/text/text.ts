/**
 * Every word that a page shows, by screen. A second language is a second folder beside `en/` with the same shape,
 * chosen here. Sentences that carry a value are functions, so that word order is the language's own. A namespace and not
 * an object: what no script of a page names does not travel to its browser.
 */
export * as text from './en/index.ts';
