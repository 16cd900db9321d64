/** The engine's stages apart from each other, in a process of their own as the bare loop is. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { PROJECT } from '../../scripts/services/place.ts';
import { addConnector, checkCompleted } from './engine-run.ts';
import type { Cloud } from './site.ts';
import { type Stages, stagesSchema } from './stages.ts';

export async function runStages(cloud: Cloud): Promise<Stages> {
  const connectorId = await addConnector(cloud);
  const child = spawn(process.execPath, ['bench/import/stages.ts', connectorId], {
    cwd: PROJECT,
    env: { ...process.env, ...cloud.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  await checkCompleted(cloud);
  return stagesSchema.parse(JSON.parse(said.trim().split('\n').at(-1) ?? ''));
}
