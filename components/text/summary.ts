/**
 * Words of the connector's summary alone. They are long and shown on one page, so they are kept out of what every page
 * loads (`text.ts`); a second language is chosen here too.
 */
export { calendar, charts } from './en/calendar.ts';
