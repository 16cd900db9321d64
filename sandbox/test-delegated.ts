/** For tests: tokens on behalf of people, as a web app gets them by msal-node and a browser. */
import { type AuthenticationResult, type ConfidentialClientApplication, CryptoProvider } from '@azure/msal-node';
import type { Client } from '@microsoft/microsoft-graph-client';
import { Browser } from './test-browser.ts';
import type { TestSandbox } from './test-sandbox.ts';
import { alderByrne } from './world/alder-byrne.ts';
import type { Tenant } from './world/people.ts';

export const CALLBACK = 'http://localhost:3999/auth/callback';

export interface UserSignIn {
  readonly account: string;
  readonly scopes: readonly string[];
  readonly tenant?: Tenant;
  /** another client than the one with the portal's secret */
  readonly msal?: ConfidentialClientApplication;
}

/** Signs somebody in with authorization code and PKCE; gives msal's result. */
export async function signInAs(sandbox: TestSandbox, signIn: UserSignIn): Promise<AuthenticationResult> {
  const { account, scopes, tenant = alderByrne, msal = sandbox.msal(tenant) } = signIn;
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  const url = await msal.getAuthCodeUrl({
    scopes: [...scopes],
    redirectUri: CALLBACK,
    codeChallenge: challenge,
    codeChallengeMethod: 'S256',
    prompt: 'select_account',
  });
  const browser = new Browser();
  await browser.open(url);
  await browser.submit({ account });
  const code = new URL(browser.location).searchParams.get('code') ?? '';
  return msal.acquireTokenByCode({ code, scopes: [...scopes], redirectUri: CALLBACK, codeVerifier: verifier });
}

/** Microsoft's client for Graph with a token on behalf of somebody. */
export async function graphAs(sandbox: TestSandbox, signIn: UserSignIn): Promise<Client> {
  const { accessToken } = await signInAs(sandbox, signIn);
  return sandbox.graph(signIn.tenant, { token: accessToken });
}
