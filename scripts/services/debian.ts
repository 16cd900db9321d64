/** Programs that npm does not ship, from Debian's packages: found, installed as root, or unpacked beside the data. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { PartError } from './part.ts';

export interface Program {
  readonly command: string;
  /** what must be added to the environment for it to run */
  readonly env: Readonly<Record<string, string>>;
}

/** Where a program stands on this machine, if it does. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/sbin', '/usr/local/bin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The program of the Debian package of the same name. Where it is missing, the package and what it needs are unpacked
 * into `tools`, also for root: installing a server starts it as a service of the machine, on the port that we want.
 * @throws PartError with the command that an administrator of the machine would run
 */
export function debianProgram(name: string, tools: string): Program {
  const present = installed(name) ?? unpacked(name, tools);
  if (present) return present;
  unpackPackage(name, tools);
  const program = unpacked(name, tools);
  if (program) return program;
  throw new PartError(missingSentence([name]));
}

function installed(name: string): Program | undefined {
  const command = findProgram(name);
  return command ? { command, env: {} } : undefined;
}

/**
 * Installs Debian packages as root.
 * @throws PartError with what to do where that is not possible
 */
export function installPackages(packages: readonly string[]): void {
  const install = () => apt(['install', '-y', '--no-install-recommends', ...packages]);
  // A fresh machine or container has no package lists yet.
  if (install() || (apt(['update']) && install())) return;
  throw new PartError(missingSentence(packages));
}

export function missingSentence(packages: readonly string[]): string {
  const list = packages.join(' ');
  return `This needs ${list}, which could not be installed here. Install it, on Debian or Ubuntu with: sudo apt-get update && sudo apt-get install ${list}`;
}

function apt(args: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync('apt-get', ['-q', ...args], { env, stdio: 'ignore' }).status === 0;
}

/**
 * Downloads the package with all packages that the system lacks for it, and unpacks them without installing. Package
 * lists are kept beside it: a fresh machine has none, and only root may fetch the system's.
 */
function unpackPackage(name: string, tools: string): void {
  const lists = join(tools, 'apt', 'lists');
  const cache = join(tools, 'apt', 'cache');
  const downloads = join(tools, 'downloads');
  for (const folder of [join(lists, 'partial'), join(cache, 'archives', 'partial'), downloads]) {
    mkdirSync(folder, { recursive: true });
  }
  const own = ['-q', '-o', `Dir::State::lists=${lists}`, '-o', `Dir::Cache=${cache}`, '-o', 'APT::Sandbox::User='];
  if (spawnSync('apt-get', [...own, 'update'], { stdio: 'ignore' }).status !== 0) return;
  const plan = spawnSync('apt-get', [...own, 'install', '--simulate', '--no-install-recommends', name], {
    encoding: 'utf8',
  });
  const packages = [...(plan.stdout ?? '').matchAll(/^Inst (\S+)/gm)].map((match) => match[1] ?? '');
  if (packages.length === 0) return;
  if (spawnSync('apt-get', [...own, 'download', ...packages], { cwd: downloads, stdio: 'ignore' }).status !== 0) return;
  for (const file of readdirSync(downloads)) {
    spawnSync('dpkg', ['-x', join(downloads, file), tools], { stdio: 'ignore' });
  }
}

function unpacked(name: string, tools: string): Program | undefined {
  const command = join(tools, 'usr', 'bin', name);
  if (!existsSync(command)) return undefined;
  const libraries = join(tools, 'usr', 'lib');
  const folders = existsSync(libraries)
    ? readdirSync(libraries, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => join(libraries, entry.name))
    : [];
  return { command, env: { LD_LIBRARY_PATH: folders.join(delimiter) } };
}
