/** The browser stage: the production build with its own services and worker, in Debian's Chromium. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildPortal } from '../build.ts';
import { chromium } from '../services/chromium.ts';
import { type Installation, installation } from '../services/installation.ts';
import { PartError } from '../services/part.ts';
import { PROJECT, place } from '../services/place.ts';
import { freePorts } from '../services/ports.ts';
import { newSecrets } from '../services/secrets.ts';
import { contractReport, contractsMissing, watchSetting } from './contracts.ts';
import { type Counts, NOTHING, playwrightCounts, sum, withExitCode } from './counts.ts';
import { packageCommand, runNode } from './run.ts';

const FOLDER = '.test/browser';
/** Beside the demo's build, which may be running while tests build. */
const BUILD = '.test/next';

let current: Installation | undefined;

/** Stops what the stage has started. For a run that is interrupted. */
export async function stopBrowserTests(): Promise<void> {
  await current?.stop();
}

/** Runs Playwright with `args` against a fresh installation. */
export async function runBrowserTests(args: readonly string[]): Promise<Counts> {
  rmSync(join(PROJECT, FOLDER), { recursive: true, force: true });
  try {
    const browser = chromium();
    await buildPortal(BUILD);
    current = installation({
      place: place(FOLDER),
      ports: await freePorts(),
      secrets: newSecrets(),
      volatile: true,
      distDir: BUILD,
      extraEnvironment: watchSetting(),
    });
    await current.start({
      begin: () => {},
      done: (step, detail) => console.log(`  ${step}${detail ? `: ${detail}` : ''}`),
    });
    const counts = await runPlaywright(current, browser, args);
    return sum([counts, await keptContracts(current)]);
  } catch (error) {
    console.error(error instanceof PartError ? error.message : error);
    return { ...NOTHING, failed: 1 };
  } finally {
    await current?.stop();
  }
}

/** Whether all that portal and worker asked of the sandbox, and all that it answered, kept to the contracts. */
async function keptContracts({ addresses }: Installation): Promise<Counts> {
  const missing = contractsMissing();
  if (missing !== null) {
    console.warn(`Skipped: ${missing}`);
    return { ...NOTHING, skipped: 1 };
  }
  const { violations } = await contractReport(addresses.sandbox.http);
  console.log(
    violations.length === 0 ? '  ok      no contract was broken' : `  failed  ${violations.join('\n          ')}`,
  );
  return violations.length === 0 ? { ...NOTHING, passed: 1 } : { ...NOTHING, failed: 1 };
}

async function runPlaywright(installed: Installation, browser: string, args: readonly string[]): Promise<Counts> {
  const report = join(PROJECT, '.test', 'browser.json');
  rmSync(report, { force: true });
  const { addresses } = installed;
  const { code } = await runNode([packageCommand('playwright'), 'test', ...args], {
    env: {
      E2E_CHROMIUM: browser,
      E2E_PORTAL_URL: addresses.portal,
      E2E_SANDBOX_URL: addresses.sandbox.http,
      E2E_ENTRA_URL: addresses.sandbox.entra,
      E2E_GRAPH_URL: addresses.sandbox.graph,
      E2E_TELEMESSAGE_URL: addresses.sandbox.telemessage,
      E2E_DATABASE_URL: addresses.ownerDatabase,
      NODE_EXTRA_CA_CERTS: addresses.sandbox.caFile,
      PLAYWRIGHT_JSON_OUTPUT_FILE: report,
    },
  });
  const counts = existsSync(report) ? playwrightCounts(JSON.parse(readFileSync(report, 'utf8'))) : undefined;
  return withExitCode(counts, code);
}
