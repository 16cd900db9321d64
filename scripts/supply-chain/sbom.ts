/** The software bill of materials of what runs in production: CycloneDX 1.5 in JSON, made by npm from the lock file. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { PROJECT } from '../services/place.ts';

/** npm's own `--omit dev` leaves out what a tool of development happens to use, too, such as React. */
const ARGS = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only'];

const componentSchema = z.looseObject({
  'bom-ref': z.string(),
  properties: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
});
const sbomSchema = z.looseObject({
  metadata: z.looseObject({ component: z.looseObject({ name: z.string() }) }),
  components: z.array(componentSchema),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()).default([]) })),
});

/** Asks no registry. @throws what npm says where it fails */
export function softwareBillOfMaterials(): string {
  const text = execFileSync('npm', ARGS, { cwd: PROJECT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  const sbom = sbomSchema.parse(JSON.parse(text));
  const tools = new Set(sbom.components.filter(isForDevelopment).map((one) => one['bom-ref']));
  const { name } = z
    .object({ name: z.string() })
    .parse(JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')));
  const production = {
    ...sbom,
    // npm takes the name of the folder.
    metadata: { ...sbom.metadata, component: { ...sbom.metadata.component, name } },
    components: sbom.components.filter((one) => !tools.has(one['bom-ref'])),
    dependencies: sbom.dependencies
      .filter(({ ref }) => !tools.has(ref))
      .map((one) => ({ ...one, dependsOn: one.dependsOn.filter((ref) => !tools.has(ref)) })),
  };
  return `${JSON.stringify(production, null, 2)}\n`;
}

function isForDevelopment({ properties }: z.infer<typeof componentSchema>): boolean {
  return properties.some(({ name, value }) => name === 'cdx:npm:package:development' && value === 'true');
}
