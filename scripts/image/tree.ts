/**
 * The image's file tree without Docker: the steps of the Dockerfile's first stage, done in a folder. For machines without
 * an engine, and for the test that starts portal and worker from it as somebody who may write nothing.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { PartError } from '../services/part.ts';
import { PROJECT } from '../services/place.ts';
import { isInContext, readDockerfile } from './dockerfile.ts';

/**
 * @param folder new, or empty
 * @param env of the commands that are run
 * @throws PartError with the end of what a command said
 */
export function buildTree(folder: string, env: NodeJS.ProcessEnv): void {
  takeSteps(folder, { dockerfile: 'Dockerfile', ignore: '.dockerignore' }, (command) => run(command, folder, env));
}

/**
 * The steps of an image's first stage, in their order.
 *
 * @param folder new, or empty
 * @param files of the image, relative to the project
 * @param onRun takes what the image's build would run
 */
export function takeSteps(
  folder: string,
  files: { readonly dockerfile: string; readonly ignore: string },
  onRun: (command: string) => void,
): void {
  const [stage] = readDockerfile(readFileSync(join(PROJECT, files.dockerfile), 'utf8'));
  const ignore = readFileSync(join(PROJECT, files.ignore), 'utf8');
  mkdirSync(folder, { recursive: true });
  for (const step of stage?.steps ?? []) {
    if (step.kind === 'run') onRun(step.command);
    else for (const from of step.from) copy(from, join(folder, step.to), step.to.endsWith('/'), ignore);
  }
}

function copy(from: string, to: string, intoFolder: boolean, ignore: string): void {
  const source = join(PROJECT, from);
  const target = intoFolder ? join(to, basename(from)) : to;
  cpSync(source, target, {
    recursive: true,
    filter: (path) => isInContext(ignore, relative(PROJECT, path)),
  });
}

function run(command: string, cwd: string, env: NodeJS.ProcessEnv): void {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { cwd, env, encoding: 'utf8' });
  if (status !== 0)
    throw new PartError(`${command} failed.\n${`${stdout}${stderr}`.split('\n').slice(-40).join('\n')}`);
}
