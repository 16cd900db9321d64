/**
 * Follows docs/install.md word by word: its commands, in an empty folder, as somebody who is not root where the caller is, against the
 * sandbox. What a person does by hand is done (by-hand.ts); nothing else is.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { PLACEHOLDERS } from './answers.ts';
import { BY_HAND, type ByHand } from './by-hand.ts';
import { blocksOf, placeholdersOf, readGuide } from './guide.ts';
import { firstLine, reasonNotToWalk } from './not-walked.ts';
import { type Answer, Shell, type ShellPlace } from './shell.ts';
import { READER, type Surroundings, surroundings } from './surroundings.ts';

export type Step = {
  readonly heading: string;
  /** its place among the blocks of the guide */
  readonly block: number;
} & (
  | { readonly kind: 'command'; readonly command: string; readonly output: string; readonly code: number | null }
  | { readonly kind: 'by hand'; readonly what: string }
  | { readonly kind: 'not walked'; readonly first: string; readonly why: string }
);

/** These go on, in a terminal each: what they say when they are ready. */
const SERVERS: Readonly<Record<string, RegExp>> = {
  'npm start -- --hostname 127.0.0.1': /Ready in/,
  'npm run worker': /worker started/,
};
/** The guide says that this one finds something wrong, and what: what else it finds is a fault of the guide. */
const BEFORE_CONSENT = 'npm run doctor';

export interface Walk {
  readonly who: string;
  readonly steps: readonly Step[];
  /** what was otherwise than the guide says; null where nothing was */
  readonly fault: string | null;
}

/** @param print gets each step when it has ended */
export async function walk(print: (step: Step) => void): Promise<Walk> {
  const around = await surroundings();
  const place: ShellPlace = { cwd: around.folder, env: environment(around), user: READER };
  const shell = new Shell(place);
  const servers: Shell[] = [];
  const steps: Step[] = [];
  const done = new Set<ByHand>();
  const take = (step: Step): void => {
    steps.push(step);
    print(step);
  };
  const project = async (): Promise<string> => (await shell.run('pwd')).output.trim();

  async function byHand(when: ByHand['when'], command: string, at: Pick<Step, 'heading' | 'block'>): Promise<void> {
    for (const one of BY_HAND.filter((some) => some.when === when && some.command.test(command))) {
      done.add(one);
      take({ ...at, kind: 'by hand', what: one.what });
      const cwd = await project();
      const said = await one.act(around, cwd, shell);
      if (said !== null) take({ ...at, kind: 'command', ...said, output: hidden(said.output, around, cwd) });
    }
  }

  async function follow(command: string): Promise<Answer> {
    const cwd = await project();
    const asked = filled(command, around);
    const ready = SERVERS[command];
    const answer = ready ? await begin(asked, ready, { ...place, cwd }, servers) : await shell.run(asked);
    return { ...answer, output: hidden(answer.output, around, await project()) };
  }

  try {
    const who = `uid ${(await shell.run('id -u')).output.trim()}`;
    for (const [number, block] of blocksOf(readGuide()).entries()) {
      const at = { heading: block.heading, block: number };
      const why = reasonNotToWalk(block);
      if (why !== null) {
        take({ ...at, kind: 'not walked', first: firstLine(block), why });
        continue;
      }
      for (const command of block.commands) {
        await byHand('before', command, at);
        const answer = await follow(command);
        take({ ...at, kind: 'command', command, ...answer });
        const fault = faultOf(command, answer);
        if (fault !== null) return { who, steps, fault };
        await byHand('after', command, at);
      }
    }
    const left = BY_HAND.find((one) => !done.has(one));
    return { who, steps, fault: left ? `no command of the guide is ${left.command}` : null };
  } finally {
    for (const one of [...servers, shell]) await one.close();
    await around.stop();
  }
}

function faultOf(command: string, { output, code }: Answer): string | null {
  if (command === BEFORE_CONSENT) {
    const wrong = output.split('\n').filter((line) => line.startsWith('WRONG'));
    const expected = wrong.length > 0 && wrong.every((line) => line.includes('app token and its roles'));
    return code === 1 && expected ? null : 'doctor finds something else than that consent is missing';
  }
  return code === 0 || (code === null && command in SERVERS) ? null : `${command} ended with ${code}`;
}

async function begin(command: string, ready: RegExp, place: ShellPlace, servers: Shell[]): Promise<Answer> {
  const terminal = new Shell(place);
  servers.push(terminal);
  return terminal.begin(command, ready);
}

/** What is this machine's or the sandbox's, and not the guide's. */
function environment({
  home,
  ports,
  services,
  authorities,
  administratorPassword,
}: Surroundings): Readonly<Record<string, string>> {
  return {
    // Without what this project has in its own folder.
    PATH: (process.env.PATH ?? '')
      .split(':')
      .filter((part) => !part.includes('node_modules'))
      .join(':'),
    HOME: home,
    LANG: 'C.UTF-8',
    PORT: String(ports.portal),
    WORKER_HEALTH_PORT: String(ports.workerHealth),
    PGPORT: String(services.ports.postgres),
    PGPASSWORD: administratorPassword,
    NODE_EXTRA_CA_CERTS: authorities,
  };
}

/** The ports that the guide names, and the ones here. */
function portsOf({ ports, services, cloud }: Surroundings): [string, number][] {
  const { entra, graph, telemessage } = cloud.addresses;
  return [
    ['3000', ports.portal],
    ['3001', ports.workerHealth],
    ['5432', services.ports.postgres],
    ['6379', services.ports.redis],
    ['10000', services.ports.blob],
    ...[entra, graph, telemessage].map((url, n): [string, number] => [String(4443 + n), Number(new URL(url).port)]),
  ];
}

function filled(command: string, around: Surroundings): string {
  const named = placeholdersOf(command).reduce((text, name) => {
    const known = PLACEHOLDERS.find((one) => one === name);
    if (known === undefined) throw new Error(`nobody knows what <${name}> is`);
    const value = around.placeholders[known];
    return text.replaceAll(`<${name}>`, () => value);
  }, command);
  return portsOf(around).reduce((text, [usual, here]) => text.replaceAll(`:${usual}`, `:${here}`), named);
}

/** @param project where the reader is */
function hidden(output: string, around: Surroundings, project: string): string {
  const secrets = ['.env', 'owner.env']
    .map((name) => join(project, name))
    .filter((file) => existsSync(file))
    .flatMap((file) => Object.entries(parseEnv(readFileSync(file, 'utf8'))))
    .filter(([name]) => /SECRET$|KEYS|PASSWORD|CONNECTION|_URL$/.test(name))
    .flatMap(([, value = '']) => secretsIn(value));
  const said = [around.administratorPassword, ...secrets].reduce((text, one) => text.replaceAll(one, '…'), output);
  const placed = [
    [around.folder, '~'],
    [around.home, '~'],
    [around.placeholders['address of the repository'], 'the repository'],
  ].reduce((text, [path = '', by = '']) => text.replaceAll(path, by), said);
  return portsOf(around).reduce(
    (text, [usual, here]) => text.replaceAll(new RegExp(`\\b${here}\\b`, 'g'), usual),
    placed,
  );
}

/** A secret as it stands in a variable; of an address its password alone. */
function secretsIn(value: string): string[] {
  const found = /^[a-z]+:\/\//.test(value) ? [new URL(value).password] : [value, ...value.split(/[,;:]/)];
  return found.filter((one) => one.length >= 16);
}
