import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** Whoever seals, and where what is sealed lies. A new one must be thought of by rotation before it stands here. */
const SEALING: Readonly<Record<string, string>> = {
  'lib/connectors/password.ts': 'connector.password_sealed',
  'lib/notifications/secrets.ts': 'notification_setting, three columns',
  'lib/sessions/refresh-token.ts': 'portal_session.refresh_token_sealed',
  'lib/imports/delivery/upload-memory.ts': 'upload_session.url_sealed',
  'lib/imports/stage-attachments.ts': 'attachment.data_key',
  'lib/key-rotation/sealed-columns.ts': 'attachment.data_key',
  'lib/staging/frames.ts': 'pages in staging',
  'lib/connectors/mapping/difference.ts': 'nowhere: a place in a list, in the address of a page',
};

const IMPORT = /import\s*\{([^}]*)\}\s*from\s*'[^']*security\/sealing\.ts'/g;
const SEALS = /\b(?:seal|sealSecret|resealSecret|newDataKey|wrapDataKey)\b/;

it('every room that seals is on the list of what a new key takes over', () => {
  const files = globSync(['{lib,app,workers,scripts}/**/*.{ts,tsx}'], {
    exclude: ['lib/generated/**', '**/*.test.ts', '**/*.fixture.ts', 'lib/security/sealing.ts'],
  });
  expect(files.length).toBeGreaterThan(300);
  const sealing = files.filter((file) =>
    [...readFileSync(file, 'utf8').matchAll(IMPORT)].some(([, names]) => SEALS.test(names ?? '')),
  );
  expect(sealing.sort()).toEqual(Object.keys(SEALING).sort());
});
