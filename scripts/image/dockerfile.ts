/** The project's own Dockerfile, read: what its first stage copies and runs, so that the same can be done without Docker. Pure. */

export type Step =
  | { readonly kind: 'copy'; readonly from: readonly string[]; readonly to: string }
  | { readonly kind: 'run'; readonly command: string };

export interface Stage {
  /** name after AS, or null */
  readonly name: string | null;
  readonly base: string;
  readonly steps: readonly Step[];
  /** the last of each, as written */
  readonly user: string | null;
  readonly command: readonly string[] | null;
  readonly entrypoint: readonly string[] | null;
  readonly healthcheck: readonly string[] | null;
}

/** @throws RangeError for an instruction that is not known here, so that none is passed over */
export function readDockerfile(text: string): readonly Stage[] {
  const stages: { -readonly [K in keyof Stage]: Stage[K] extends readonly Step[] ? Step[] : Stage[K] }[] = [];
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const [, instruction = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
    const stage = stages.at(-1);
    if (instruction === 'FROM') {
      const [, base = '', name = null] = /^(\S+)(?: AS (\S+))?$/.exec(rest) ?? [];
      stages.push({ name, base, steps: [], user: null, command: null, entrypoint: null, healthcheck: null });
    } else if (stage === undefined) throw new RangeError(`${instruction} before FROM`);
    else if (instruction === 'RUN') stage.steps.push({ kind: 'run', command: rest });
    else if (instruction === 'COPY') {
      const words = rest.split(/\s+/).filter((word) => !word.startsWith('--'));
      if (!rest.startsWith('--from='))
        stage.steps.push({ kind: 'copy', from: words.slice(0, -1), to: words.at(-1) ?? '' });
    } else if (instruction === 'USER') stage.user = rest;
    else if (instruction === 'CMD') stage.command = JSON.parse(rest);
    else if (instruction === 'ENTRYPOINT') stage.entrypoint = JSON.parse(rest);
    else if (instruction === 'HEALTHCHECK') stage.healthcheck = JSON.parse(rest.slice(rest.indexOf('CMD') + 3));
    else if (!['WORKDIR', 'ENV', 'EXPOSE'].includes(instruction))
      throw new RangeError(`unknown instruction ${instruction}`);
  }
  return stages;
}

/** Whether a file of the project gets into the image's build, by `.dockerignore`: everything is left out but what it takes back. */
export function isInContext(ignore: string, path: string): boolean {
  let taken = true;
  for (const line of ignore.split('\n').map((one) => one.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const isBack = line.startsWith('!');
    const pattern = isBack ? line.slice(1) : line;
    if (matches(path, pattern)) taken = isBack;
  }
  return taken;
}

/** As Docker matches: a pattern is a path from the root, which stands for all below it; `**` for any folders. */
function matches(path: string, pattern: string): boolean {
  const parts = path.split('/');
  const source = pattern
    .split('/')
    .map((part) =>
      part === '**' ? '(?:.+/)?' : `${part.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '[^/]*')}/`,
    )
    .join('');
  const expression = new RegExp(`^${source}$`);
  return parts.some((_, index) => expression.test(`${parts.slice(0, index + 1).join('/')}/`));
}
