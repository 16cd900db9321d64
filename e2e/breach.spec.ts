/** What went wrong at another archive in 2025 (docs/security.md), asked for here. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { signIn } from './pages/sign-in.ts';
import { ALDER_BYRNE } from './world.ts';

/** Where frameworks and runtimes put them. */
const DIAGNOSTICS = [
  '/actuator',
  '/actuator/heapdump',
  '/actuator/env',
  '/heapdump',
  '/debug',
  '/debug/pprof/heap',
  '/debug/vars',
  '/json/version',
  '/metrics',
  '/api/metrics',
  '/api/debug',
  '/profile',
  '/health/live',
  '/server-status',
  '/.env',
  '/.git/config',
  '/_next/static/../server/server-reference-manifest.json',
  '/_next/server/server-reference-manifest.json',
];

test('no debug, heap, profile or metrics route on the listener of the portal, for nobody and for an administrator', async ({
  page,
  request,
}) => {
  await signIn(page, ALDER_BYRNE.grace);
  for (const path of DIAGNOSTICS) {
    for (const [who, asks] of Object.entries({ nobody: request, administrator: page.request })) {
      expect((await asks.get(path, { maxRedirects: 0 })).status(), `${who}: ${path}`).toBe(404);
    }
  }
});

test('nothing in the product turns the verification of TLS off', () => {
  const files = execFileSync('git', ['ls-files', 'app', 'components', 'lib', 'workers', 'proxy.ts', 'next.config.js'], {
    encoding: 'utf8',
  });
  const off = /rejectUnauthorized\s*:\s*false|NODE_TLS_REJECT_UNAUTHORIZED|allowInsecureConnection|checkServerIdentity/;
  const found = files
    .trim()
    .split('\n')
    .filter((file) => /\.(ts|tsx|js)$/.test(file) && !/\.(test|fixture)\.ts$/.test(file))
    .filter((file) => off.test(readFileSync(file, 'utf8')));
  expect(found).toEqual([]);
});
