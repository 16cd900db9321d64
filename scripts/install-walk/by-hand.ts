/** What the guide has its reader do between the commands, in an editor, in Entra ID and in the portal. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { grantConsent } from '#lib/imports/connector.fixture.ts';
import { filledIn } from './guide.ts';
import type { Answer, Shell } from './shell.ts';
import type { Surroundings } from './surroundings.ts';

export interface ByHand {
  readonly when: 'before' | 'after';
  /** a command that the guide has once */
  readonly command: RegExp;
  readonly what: string;
  /** @returns the command that it took here, where it took one */
  readonly act: (around: Surroundings, project: string, shell: Shell) => Promise<(Answer & { command: string }) | null>;
}

export const BY_HAND: readonly ByHand[] = [
  {
    when: 'after',
    command: /ENCRYPTION_KEYS/,
    what: "in `.env`, the variables of the guide's table, and `GRAPH_URL` and `ENTRA_AUTHORITY`, because the sandbox is not Microsoft",
    act: async ({ variables, cloud }, project) => {
      const sandbox = { GRAPH_URL: cloud.addresses.graph, ENTRA_AUTHORITY: cloud.addresses.entra };
      const file = join(project, '.env');
      writeFileSync(file, filledIn(readFileSync(file, 'utf8'), { ...variables, ...sandbox }));
      return null;
    },
  },
  {
    when: 'before',
    command: /--mailbox/,
    what: 'in Entra ID, *Grant admin consent*',
    act: async ({ cloud }) => {
      await grantConsent(cloud.addresses);
      return null;
    },
  },
  {
    when: 'before',
    command: /\/metrics/,
    what: 'in the portal, the wizard of the first connector; here by what its pages call (`scripts/demo/sample-connector.ts`), which then watches the first import',
    act: async (_, __, shell) => {
      const command = 'node_modules/.bin/node --env-file=.env scripts/demo/sample-connector.ts';
      const answer = await shell.run(command);
      if (answer.code !== 0) throw new Error(`no connector could be set up: ${answer.output}`);
      return { command, ...answer };
    },
  },
];
