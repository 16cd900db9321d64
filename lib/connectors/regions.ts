/** The regions in which national numbers can be read, with their names, for a list to choose from. */
import { getCountries } from 'libphonenumber-js/max';

export interface Region {
  readonly code: string;
  readonly name: string;
}

let known: readonly Region[] | undefined;

/** In alphabetical order of the English names. */
export function regions(): readonly Region[] {
  if (known === undefined) {
    const names = new Intl.DisplayNames('en', { type: 'region' });
    known = getCountries()
      .map((code) => ({ code, name: names.of(code) ?? code }))
      .toSorted((a, b) => a.name.localeCompare(b.name, 'en'));
  }
  return known;
}
