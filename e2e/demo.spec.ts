/** The first thing that anybody tries: `npm run demo` until it prints its address, and what is to be seen there. */
import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { expect, test } from '@playwright/test';
import { freePorts } from '#scripts/services/ports.ts';
import { ConnectorsTab } from './pages/connectors.ts';
import { signIn } from './pages/sign-in.ts';
import { ALDER_BYRNE, KINDS } from './world.ts';

const FOLDER = '.test/demo';

test('the demo starts by itself, imports with its sample connector, prints its address and stops when it is asked to', async ({
  browser,
}) => {
  test.setTimeout(180_000);
  rmSync(FOLDER, { recursive: true, force: true });
  const ports = await freePorts();
  const demo = spawn(process.execPath, ['scripts/demo.ts'], {
    env: {
      ...process.env,
      DEMO_FOLDER: FOLDER,
      // The build that the other browser tests run against.
      NEXT_DIST_DIR: '.test/next',
      PORTAL_PORT: `${ports.portal}`,
      WORKER_HEALTH_PORT: `${ports.workerHealth}`,
      SANDBOX_HTTP_PORT: `${ports.sandboxHttp}`,
      SANDBOX_ENTRA_PORT: `${ports.sandboxEntra}`,
      SANDBOX_GRAPH_PORT: `${ports.sandboxGraph}`,
      SANDBOX_TELEMESSAGE_PORT: `${ports.sandboxTelemessage}`,
      SANDBOX_SMTP_PORT: `${ports.sandboxSmtp}`,
      SANDBOX_HOOKS_PORT: `${ports.sandboxHooks}`,
      POSTGRES_PORT: `${ports.postgres}`,
      REDIS_PORT: `${ports.redis}`,
      BLOB_PORT: `${ports.blob}`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  try {
    const printed = await readUntil(demo, /The portal is ready: +(\S+)/);
    expect(printed.lines).toContainEqual(expect.stringMatching(/Sample connector .*\d+ copies in mailboxes/));
    const context = await browser.newContext({ baseURL: printed.found });
    const page = await context.newPage();
    await signIn(page, ALDER_BYRNE.grace, '/data-connectors/connectors');
    await expect(new ConnectorsTab(page).row(KINDS.android.name)).toContainText('Idle');
    await context.close();
  } finally {
    const ended = new Promise((resolve) => demo.once('close', resolve));
    if (demo.exitCode === null) {
      demo.kill('SIGINT');
      await ended;
    }
    rmSync(FOLDER, { recursive: true, force: true });
  }
  expect(demo.exitCode).toBe(0);
});

async function readUntil(child: ChildProcess, sought: RegExp): Promise<{ lines: readonly string[]; found: string }> {
  const lines: string[] = [];
  if (child.stdout === null) throw new Error('its output cannot be read');
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    const found = sought.exec(line)?.[1];
    if (found !== undefined) return { lines, found };
  }
  throw new Error(`It ended:\n${lines.join('\n')}`);
}
