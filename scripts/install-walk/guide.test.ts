/** The guide can be followed: what its commands name is there, and whatever is not walked has its reason. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { ENV_NAMES } from '#lib/env.ts';
import { MICROSOFT_CLOUDS, microsoftHosts } from '#lib/microsoft/clouds.ts';
import { PROJECT } from '../services/place.ts';
import { PLACEHOLDERS, VARIABLES } from './answers.ts';
import { blocksOf, filledIn, placeholdersOf, readGuide, variablesToFillIn } from './guide.ts';
import { firstLine, NOT_WALKED, reasonNotToWalk } from './not-walked.ts';

const read = (path: string): string => readFileSync(join(PROJECT, path), 'utf8');
const guide = readGuide();
const blocks = blocksOf(guide);
const walked = blocks.filter((block) => reasonNotToWalk(block) === null);
const commands = walked.flatMap((block) => block.commands);
/** Of blocks for a shell, walked or not. */
const all = blocks.filter(({ language }) => language === 'sh').flatMap((block) => block.commands);

/** The first group of each match. */
const found = (pattern: RegExp, text: string): string[] => [...text.matchAll(pattern)].map(([, name = '']) => name);

describe('blocksOf', () => {
  it('takes commands with all their lines, below their heading', () => {
    const text = '# A\n## B\n```sh\nnpm ci\n\ncat <<END\nx\\\n\nEND\na \\\n  b\n```\n## C\n```yaml\n# D\n```\n';
    expect(blocksOf(text)).toEqual([
      { heading: 'B', language: 'sh', commands: ['npm ci', 'cat <<END\nx\\\n\nEND', 'a \\\n  b'] },
      { heading: 'C', language: 'yaml', commands: ['# D'] },
    ]);
  });

  it('fills values in as they are, and only where there is a variable', () => {
    expect(filledIn('# A\nA=x\nB=\n', { A: "$& $1 'q'", B: '2' })).toBe("# A\nA=$& $1 'q'\nB=2\n");
    expect(() => filledIn('A=\n', { C: '1' })).toThrow('no C');
  });
});

describe('docs/install.md', () => {
  it('has no block that is neither walked nor left out for a reason', () => {
    expect(commands.length).toBeGreaterThan(20);
    for (const block of walked) expect([firstLine(block), block.language]).toEqual([firstLine(block), 'sh']);
    expect(blocks.filter((block) => !walked.includes(block)).map(firstLine)).toEqual(Object.keys(NOT_WALKED));
    // A reason may name the test that does instead what can be done.
    const tests = Object.values(NOT_WALKED).flatMap((why) => found(/(\S+\.test\.ts)/g, why));
    for (const path of tests) expect([path, existsSync(join(PROJECT, path))]).toEqual([path, true]);
  });

  it('leaves nothing open that the walk does not know, and the walk knows nothing else', () => {
    expect([...new Set(commands.flatMap(placeholdersOf))]).toEqual([...PLACEHOLDERS]);
    expect(variablesToFillIn(guide)).toEqual([...VARIABLES]);
  });

  it('gives a value to every variable that .env.example has an example for', () => {
    const example = Object.entries(parseEnv(read('.env.example'))).flatMap(([name, value]) => (value ? [name] : []));
    const drawn = found(/^s\|\^([A-Z_]+)=/gm, commands.join('\n'));
    // An example that is the default.
    const given = [...variablesToFillIn(guide), ...drawn, 'LOG_LEVEL'];
    expect(example.filter((name) => !given.includes(name))).toEqual([]);
    expect(given.filter((name) => !(ENV_NAMES as readonly string[]).includes(name))).toEqual([]);
  });

  it('names scripts, files and variables that are there', () => {
    const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(read('package.json')));
    const named = found(/\bnpm run ([\w:-]+)/g, guide);
    expect(named.length).toBeGreaterThan(5);
    expect([...named, 'start'].filter((name) => !(name in scripts))).toEqual([]);

    // What is named later goes before what is named first.
    expect(scripts.migrate).toMatch(/=\.env .*=owner\.env /);

    const files = all.flatMap((command) => found(/(?:^|\s)([\w./-]+\.(?:ts|sh|example))(?=\s|$)/g, command));
    expect(files).toEqual(['.env.example', 'sandbox/demo-env.sh', 'scripts/doctor.ts']);
    for (const path of files) expect([path, existsSync(join(PROJECT, path))]).toEqual([path, true]);
    // What it has its reader write holds secrets.
    const ignored = read('.gitignore').split('\n');
    for (const secret of ['.env', 'owner.env'])
      expect([commands.join('\n').includes(secret), ignored]).toEqual([true, expect.arrayContaining([secret])]);

    const set = commands.flatMap((command) => found(/^([A-Z_]+)=/g, command));
    expect(commands.flatMap((command) => found(/\$([A-Z_]+)/g, command)).filter((name) => !set.includes(name))).toEqual(
      [],
    );
  });

  it('was followed since it was changed: docs/install-walk.md has its commands, in their order', () => {
    const page = read('docs/install-walk.md');
    let place = 0;
    for (const command of commands) {
      const next = page.indexOf(`$ ${command}\n`, place);
      expect([command, next >= place]).toEqual([command, true]);
      place = next + 1;
    }
    for (const [first, why] of Object.entries(NOT_WALKED)) expect(page).toContain(`Not walked: \`${first}\` ${why}.`);
  });

  it('names the hosts of every cloud', () => {
    for (const cloud of MICROSOFT_CLOUDS) {
      const [entra, graph] = [microsoftHosts(cloud).authority, microsoftHosts(cloud).graphUrl].map(
        (url) => new URL(url).host,
      );
      expect(guide).toContain(`| \`${cloud}\` | \`${entra}\` | \`${graph}\` |`);
    }
  });

  it('names services and a profile that docker-compose.yml has', () => {
    const { services } = z
      .object({ services: z.record(z.string(), z.object({ profiles: z.array(z.string()).default([]) })) })
      .parse(parse(read('docker-compose.yml'), { merge: true }));
    const text = all.join('\n');
    const named = [...found(/compose run --rm (\w+)/g, text), ...found(/--scale (\w+)=/g, text)];
    expect(named.toSorted()).toEqual(['portal', 'worker']);
    expect(named.filter((name) => !(name in services))).toEqual([]);
    for (const profile of found(/--profile (\w+)/g, text))
      expect(Object.values(services).some(({ profiles }) => profiles.includes(profile))).toBe(true);
  });
});
