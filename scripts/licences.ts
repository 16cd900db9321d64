/** `npm run licences`: writes docs/licences.md from the lock file, and fails where a licence is not allowed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from './services/place.ts';
import { licenceList } from './supply-chain/licence-list.ts';
import { licenceProblem } from './supply-chain/licence-policy.ts';
import { lockedPackages } from './supply-chain/lockfile.ts';

const packages = lockedPackages();
writeFileSync(join(PROJECT, 'docs', 'licences.md'), licenceList(packages));
const problems = packages.flatMap((one) => licenceProblem(one) ?? []);
console.log(`docs/licences.md lists ${packages.length} packages.`);
if (problems.length > 0) {
  console.error(`Not allowed:\n${problems.join('\n')}`);
  process.exitCode = 1;
}
