/** The list of licences as a page: every package of the lock file, by licence. */
import { exceptionFor } from './licence-policy.ts';
import type { LockedPackage } from './lockfile.ts';

const HEAD = `# Licences

Every package that \`npm ci\` may install, by its licence. Written by \`npm run licences\`; a test fails where it is not what
the lock file says, or where a licence came in that \`scripts/supply-chain/licence-policy.ts\` does not allow.
`;

export function licenceList(packages: readonly LockedPackage[]): string {
  const part = (title: string, of: readonly LockedPackage[]): string =>
    [
      `## ${title}\n`,
      ...[...byLicence(of)].map(([licence, names]) => `**${licence}** (${names.length}): ${names.join(', ')}\n`),
    ].join('\n');
  const exceptions = [
    ...new Set(
      packages.flatMap((one) => {
        const why = exceptionFor(one);
        return why === null ? [] : [`| ${one.name} | ${one.licence ?? 'none stated'} | ${why} |`];
      }),
    ),
  ].sort();
  return [
    HEAD,
    part(
      'In production',
      packages.filter(({ isForDevelopment }) => !isForDevelopment),
    ),
    part(
      'For development and tests only',
      packages.filter(({ isForDevelopment }) => isForDevelopment),
    ),
    `## Allowed one by one\n\n| Package | Licence | Why |\n|---|---|---|\n${exceptions.join('\n')}\n`,
  ].join('\n');
}

function byLicence(packages: readonly LockedPackage[]): Map<string, string[]> {
  const names = new Map<string, Set<string>>();
  for (const { name, version, licence } of packages) {
    const of = names.get(licence ?? 'none stated') ?? new Set();
    names.set(licence ?? 'none stated', of.add(`${name} ${version}`));
  }
  return new Map([...names].sort(([a], [b]) => (a < b ? -1 : 1)).map(([licence, of]) => [licence, [...of].sort()]));
}
