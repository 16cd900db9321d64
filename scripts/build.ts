/** `npm run build`: the portal's production build, made again only when something that goes into it changed. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { generate } from './generate.ts';
import { endsWithParent, PartError } from './services/part.ts';
import { PROJECT } from './services/place.ts';

const SOURCES = [
  '{app,components,lib,public}/**/*',
  '{next.config.js,proxy.ts,instrumentation.ts,package.json,package-lock.json,tsconfig.json}',
];

/** Changes with every change to a file that goes into the build. */
function fingerprint(): string {
  const hash = createHash('sha256');
  const files = globSync(SOURCES, { cwd: PROJECT, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const path of files.map((entry) => join(entry.parentPath, entry.name)).sort()) {
    if (/\.test\.tsx?$/.test(path)) continue;
    hash.update(path.slice(PROJECT.length)).update('\0').update(readFileSync(path)).update('\0');
  }
  return hash.digest('hex');
}

/**
 * Builds into `distDir` (relative to the project) unless what lies there is made of the present sources. Returns
 * whether it built. `signal` ends a build that is under way.
 * @throws PartError with the end of Next's output
 */
export async function buildPortal(distDir: string, signal?: AbortSignal): Promise<boolean> {
  generate();
  const stamp = join(PROJECT, distDir, 'sources.sha256');
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return false;
  const { code, output } = await runNextBuild(distDir, signal);
  if (code !== 0) throw new PartError(`next build failed.\n${output.split('\n').slice(-60).join('\n')}`);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
  return true;
}

function runNextBuild(distDir: string, signal?: AbortSignal): Promise<{ code: number | null; output: string }> {
  const next = createRequire(import.meta.url).resolve('next/dist/bin/next');
  const [command = process.execPath, ...args] = [...endsWithParent(), process.execPath, next, 'build'];
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: PROJECT,
      env: { ...process.env, NODE_ENV: 'production', NEXT_DIST_DIR: distDir, NEXT_TELEMETRY_DISABLED: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

if (import.meta.main) {
  const distDir = process.env.NEXT_DIST_DIR ?? '.next';
  try {
    console.log((await buildPortal(distDir)) ? `Built into ${distDir}.` : `${distDir} is up to date.`);
  } catch (error) {
    console.error(error instanceof PartError ? error.message : error);
    process.exitCode = 1;
  }
}
