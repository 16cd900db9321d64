/** The mapping API at the portal as it is served: who may call, what it refuses, that a file comes into force. */
import { expect, test } from '@playwright/test';
import { ConnectorsTab } from './pages/connectors.ts';
import { ensureConnector, SHOWN } from './pages/ensure-connector.ts';
import { ITSELF, PERSONNEL, tokenOf } from './pages/program.ts';
import { signIn } from './pages/sign-in.ts';
import { ALDER_BYRNE } from './world.ts';

test('a program sends a mapping, and is told what it did wrong', async ({ page, browser }) => {
  test.setTimeout(240_000);
  await ensureConnector(browser);
  await signIn(page, ALDER_BYRNE.grace, '/data-connectors/connectors');
  await new ConnectorsTab(page).row(SHOWN.name).getByRole('link', { name: SHOWN.name, exact: true }).click();
  await expect(page.getByRole('heading', { name: SHOWN.name, level: 1 })).toBeVisible();
  const path = `/api/v1${new URL(page.url()).pathname}/mapping?mode=add&name=people.csv`;
  const put = async (token: string | null, data: string) => {
    const headers: Record<string, string> = { 'content-type': 'text/csv' };
    if (token !== null) headers.authorization = `Bearer ${token}`;
    const answered = await page.request.put(path, { data, headers });
    return { status: answered.status(), body: await answered.json() };
  };
  // A number that no phone of this account has.
  const good = 'ExternalUserId,O365UserMailbox\n+442079460999,victor.lindqvist@alderbyrne.example\n';

  // The cookie of a signed-in administrator opens nothing here.
  expect(await put(null, good)).toMatchObject({ status: 401 });
  expect(await put('a.b.c', good)).toMatchObject({ status: 401 });
  expect(await put(await tokenOf(ITSELF), good)).toMatchObject({ status: 403 });
  const token = await tokenOf(PERSONNEL);
  expect(await put(token, good.replace('+442079460999', '4.45204E+11'))).toMatchObject({
    status: 422,
    body: { type: 'urn:compliance-portal:problem:rows-with-errors', errors: [{ row: 2, column: 'number' }] },
  });
  expect(await put(token, good)).toMatchObject({ status: 200, body: { status: 'applied' } });
  expect(await put(token, good)).toMatchObject({ status: 200, body: { status: 'unchanged' } });

  const document = await page.request.get('/api/v1/openapi.json');
  expect(await document.json()).toMatchObject({ openapi: '3.1.0', servers: [{ url: new URL(page.url()).origin }] });
});
