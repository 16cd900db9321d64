/** Under which licences packages may come in: those that ask for nothing but to be named, and single cases with a reason. */
import satisfies from 'spdx-satisfies';
import type { LockedPackage } from './lockfile.ts';

const ALLOWED = [
  ...['MIT', 'MIT-0', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0', 'Zlib'],
  ...['CC0-1.0', 'Unlicense', 'Python-2.0', 'CC-BY-4.0', 'CC-BY-3.0'],
];

interface Exception {
  readonly name: RegExp;
  readonly licence: RegExp;
  /** nothing of it is in what runs in production */
  readonly developmentOnly: boolean;
  readonly why: string;
}

const EXCEPTIONS: readonly Exception[] = [
  {
    name: /^@img\/sharp-(?:libvips-|win32-|wasm32)/,
    licence: /LGPL-3\.0-or-later/,
    developmentOnly: false,
    why: 'a library of its own beside Next, linked dynamically, unchanged and optional: the portal scales no image',
  },
  {
    name: /^(?:axe-core|@axe-core\/playwright|lightningcss(?:-.+)?)$/,
    licence: /^MPL-2\.0$/,
    developmentOnly: true,
    why: 'a tool of the tests, unchanged: MPL asks for the source of changed files only',
  },
  { name: /^elkjs$/, licence: /^EPL-2\.0$/, developmentOnly: true, why: 'a part of a tool of Prisma, unchanged' },
  {
    name: /^(?:binaryextensions|editions|istextorbinary|textextensions|version-range)$/,
    licence: /^Artistic-2\.0$/,
    developmentOnly: true,
    why: 'a part of the secret scan, unchanged',
  },
  {
    name: /^uri-templates$/,
    licence: /^http:\/\/geraintluff\.github\.io\/tv4\/LICENSE\.txt$/,
    developmentOnly: true,
    why: 'in the public domain, or MIT at choice',
  },
  { name: /^seq-queue$/, licence: /^none$/, developmentOnly: true, why: 'MIT by the LICENSE file in the package' },
];

/** Why a package must not come in; null where it may. */
export function licenceProblem({ name, version, licence, isForDevelopment }: LockedPackage): string | null {
  const stated = licence ?? 'none';
  const exception = exceptionFor({ name, licence, isForDevelopment });
  if (exception !== null || isAllowed(stated)) return null;
  return `${name} ${version}: ${stated}${isForDevelopment ? ' (development only)' : ''}`;
}

/** Why a package may come in although its licence alone does not say so. */
export function exceptionFor({
  name,
  licence,
  isForDevelopment,
}: Pick<LockedPackage, 'name' | 'licence' | 'isForDevelopment'>): string | null {
  const found = EXCEPTIONS.find(
    (one) => one.name.test(name) && one.licence.test(licence ?? 'none') && (isForDevelopment || !one.developmentOnly),
  );
  return found?.why ?? null;
}

function isAllowed(licence: string): boolean {
  try {
    // Some write the operators of SPDX in lower case.
    return satisfies(
      licence.replace(/\b(?:and|or|with)\b/g, (operator) => operator.toUpperCase()),
      ALLOWED,
    );
  } catch {
    return false;
  }
}
