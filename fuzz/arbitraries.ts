/** What a stranger may send: texts with what parsers trip over, JSON of any shape, and honest things with one part spoiled. */
import fc, { type Arbitrary } from 'fast-check';

const AWKWARD = [
  ...[
    '',
    ' ',
    '\0',
    '\u2028',
    '\ufeff',
    '\ud800',
    '%',
    '%00',
    '%zz',
    '..',
    '//',
    '\\',
    '"',
    "'",
    '""',
    '{',
    '[',
    '=',
    '&',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'null',
    'NaN',
    '-0',
    '1e999',
    '9'.repeat(400),
    '$&',
    'javascript:alert(1)',
  ],
  ...[
    'https://evil.example',
    '//evil.example',
    '\\\\evil.example',
    'http://[::1',
    'data:text/html,x',
    '\r\nset-cookie: a=b',
  ],
];

export const text: Arbitrary<string> = fc.oneof(
  fc.constantFrom(...AWKWARD),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ maxLength: 60 }),
  fc.array(fc.constantFrom(...AWKWARD), { maxLength: 5 }).map((parts) => parts.join('')),
);

/** As `JSON.parse` may give it, with names that objects have of themselves. */
export const json: Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.dictionary(fc.oneof(text, fc.constant('__proto__')), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 4 }),
);

/** An honest object of which some members are something else, are missing, or are too many. */
export function spoiled<T extends object>(honest: T): Arbitrary<unknown> {
  const names = Object.keys(honest);
  return fc
    .array(fc.tuple(fc.constantFrom(...names), fc.oneof(text, json, fc.constant(undefined))), { maxLength: 4 })
    .map((changes) => ({ ...honest, ...Object.fromEntries(changes) }));
}

/** A query with the names that a page knows, and others. */
export function queryOf(names: readonly string[]): Arbitrary<URLSearchParams> {
  const value = fc.oneof(
    text,
    fc.nat().map(String),
    fc.uuid(),
    fc.constantFrom('all', 'true', 'name', '30', '2026-11'),
  );
  const name = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: text });
  return fc
    .array(fc.tuple(name, value), { maxLength: 8 })
    .map((pairs) => new URLSearchParams(pairs.map(([key, of]) => [key.toWellFormed(), of.toWellFormed()])));
}

/** An address as somebody types or forges it. */
export const address: Arbitrary<string> = fc.oneof(
  text,
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
  fc.webPath(),
  fc
    .tuple(
      fc.constantFrom('https:', 'http:', 'HTTPS:', 'javascript:', 'data:', '', ' https:', 'https:\t'),
      fc.constantFrom('//', '/', '\\\\', '/\\', '///', ''),
      fc.constantFrom(
        'portal.example',
        'evil.example',
        'portal.example@evil.example',
        'portal.example.evil.example',
        '[::1]',
        '0x7f.1',
        '',
      ),
      fc.constantFrom('', ':443', ':0', ':99999', ':'),
      fc.oneof(fc.webPath(), text),
    )
    .map((parts) => parts.join('')),
);
