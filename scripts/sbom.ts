/** `npm run sbom`: writes the software bill of materials to standard output, or into the file that is named. */
import { writeFileSync } from 'node:fs';
import { softwareBillOfMaterials } from './supply-chain/sbom.ts';

const [file] = process.argv.slice(2);
const sbom = softwareBillOfMaterials();
if (file === undefined) process.stdout.write(sbom);
else writeFileSync(file, sbom);
