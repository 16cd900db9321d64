/** The parts that are this project's own: the sandbox, the portal, a worker. */
import { createRequire } from 'node:module';
import { type Part, processPart } from './part.ts';
import { type Place, PROJECT } from './place.ts';
import { acceptsConnection, answersHttp } from './probe.ts';

export interface NodePartPlan {
  readonly place: Place;
  /** laid over the environment of this process */
  readonly env: Readonly<Record<string, string>>;
}

/** @param ports all that the sandbox listens on; it is ready when each answers */
export function sandboxPart(plan: NodePartPlan & { readonly ports: readonly number[] }): Part {
  return nodePart('Sandbox', ['sandbox/index.ts'], plan, async () => {
    const answers = await Promise.all(plan.ports.map(acceptsConnection));
    return answers.every(Boolean);
  });
}

/** The production server of the build in NEXT_DIST_DIR. */
export function portalPart(plan: NodePartPlan & { readonly port: number }): Part {
  const next = createRequire(import.meta.url).resolve('next/dist/bin/next');
  // On the loopback address only: nobody but this machine is asked to sign in to a sandbox.
  const args = [next, 'start', '--port', String(plan.port), '--hostname', 'localhost'];
  return nodePart('Portal', args, plan, () => answersHttp(`http://localhost:${plan.port}/`));
}

/** @param healthPort where the worker tells how it is. Several workers each need their own name. */
export function workerPart(plan: NodePartPlan & { readonly healthPort: number; readonly name?: string }): Part {
  return nodePart(plan.name ?? 'Worker', ['workers/index.ts'], plan, () =>
    answersHttp(`http://127.0.0.1:${plan.healthPort}/`),
  );
}

function nodePart(name: string, args: readonly string[], plan: NodePartPlan, ready: () => Promise<boolean>): Part {
  const id = name.toLowerCase().replaceAll(' ', '-');
  return processPart({
    name,
    command: process.execPath,
    args,
    cwd: PROJECT,
    env: plan.env,
    logFile: plan.place.log(id),
    runFile: plan.place.run(id),
    ready,
    stopWithinMs: 8_000,
  });
}
