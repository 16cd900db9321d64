/** The pages that Entra ID shows in a browser, server-rendered, each saying that it is not Microsoft's. */
import { createHash } from 'node:crypto';
import type { Person, Tenant } from '../world/people.ts';
import { portalApp } from '../world/portal-app.ts';
import { roleHint } from './people.ts';
import type { NamedPermission } from './permission-meanings.ts';
import { styles } from './styles.ts';

/**
 * Content security policy of the pages. A browser applies `form-action` to redirects as well, and signing in leads
 * back to the portal on another port.
 */
const securityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(styles).digest('base64')}'`,
  "form-action 'self' http://localhost:* http://127.0.0.1:* https://localhost:* https://127.0.0.1:*",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Headers of every page. */
export const pageHeaders = {
  'content-security-policy': securityPolicy,
  // a browser that may not say where it comes from sends `Origin: null` with a form, even to the page's own site
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
} as const;

/** Text for HTML, quotes included. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

interface AccountChoice {
  readonly tenant: Tenant;
  /** where the form goes */
  readonly action: string;
  readonly heading: string;
  readonly lead: string;
  /** shown as tiles */
  readonly suggested: readonly Person[];
  /** shown in a list that opens */
  readonly others: readonly Person[];
  readonly loginHint: string;
  /** why the last try was refused */
  readonly problem: string | undefined;
}

/** Asks which account to use. */
export function accountPage(choice: AccountChoice): string {
  const { tenant, others } = choice;
  return page(
    `${choice.heading} – ${tenant.displayName}`,
    `<h1>${escapeHtml(choice.heading)}</h1>
    <p class="lead">${escapeHtml(choice.lead)}</p>
    ${problem(choice.problem)}
    <form method="post" action="${escapeHtml(choice.action)}">
      <ul class="accounts">${choice.suggested.map(tile).join('')}</ul>
      ${others.length > 0 ? `<details><summary>Everybody else at ${escapeHtml(tenant.displayName)} (${others.length})</summary><ul class="accounts">${others.map(tile).join('')}</ul></details>` : ''}
    </form>
    <form method="post" action="${escapeHtml(choice.action)}" class="other">
      <label for="account">Use another account</label>
      <div class="row">
        <input id="account" name="account" type="text" inputmode="email" autocomplete="username" autocapitalize="none"
          spellcheck="false" placeholder="name@${escapeHtml(tenant.domains[0] ?? '')}" value="${escapeHtml(choice.loginHint)}" required>
        <button type="submit" class="primary">Sign in</button>
      </div>
      <p class="hint">No password: this is a sandbox.</p>
    </form>`,
  );
}

interface ConsentRequest {
  readonly tenant: Tenant;
  readonly person: Person;
  readonly action: string;
  /** back to choosing who decides */
  readonly otherAccount: string;
  /** what the app may do by itself */
  readonly ofApp: readonly NamedPermission[];
  /** what it may do on behalf of who signs in */
  readonly ofPeople: readonly NamedPermission[];
  /** false shows who could accept instead of the button */
  readonly mayAccept: boolean;
}

/** Asks an administrator to grant the app's permissions for the whole organization. */
export function consentPage(request: ConsentRequest): string {
  const { tenant, person } = request;
  return page(
    `Permissions requested – ${tenant.displayName}`,
    `<p class="who">${escapeHtml(person.userPrincipalName)}</p>
    <h1>Permissions requested</h1>
    <p class="lead"><strong>${escapeHtml(portalApp.displayName)}</strong> asks for the following in all of ${escapeHtml(tenant.displayName)}.</p>
    ${permissionList('By itself, without a signed-in person', request.ofApp)}
    ${permissionList('On behalf of everybody who signs in', request.ofPeople)}
    ${request.mayAccept ? '' : problem(`${person.displayName} cannot grant this. Consent for the organization takes a Global Administrator or a Privileged Role Administrator.`)}
    <p class="lead"><a href="${escapeHtml(request.otherAccount)}">Use another account</a></p>
    <form method="post" action="${escapeHtml(request.action)}" class="decide">
      <button type="submit" name="decision" value="cancel">Cancel</button>
      ${request.mayAccept ? '<button type="submit" name="decision" value="accept" class="primary">Accept</button>' : ''}
    </form>`,
  );
}

export function errorPage(tenant: Tenant | undefined, error: string, detail: string): string {
  return page(
    'Sign-in failed',
    `<h1>Sorry, but we’re having trouble signing you in</h1>
    ${tenant ? `<p class="lead">${escapeHtml(tenant.displayName)}</p>` : ''}
    ${problem(`${error}: ${detail}`)}`,
  );
}

/** `form` is oidc-provider's hidden form with the id `op.logoutForm`. */
export function signOutPage(tenant: Tenant, form: string): string {
  return page(
    'Sign out',
    `<h1>Sign out of ${escapeHtml(tenant.displayName)}?</h1>
    ${form}
    <div class="decide"><button type="submit" form="op.logoutForm" name="logout" value="yes" class="primary">Sign out</button></div>`,
  );
}

export function signedOutPage(tenant: Tenant): string {
  return page(
    'Signed out',
    `<h1>You signed out of ${escapeHtml(tenant.displayName)}</h1><p class="lead">You can close this window.</p>`,
  );
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${escapeHtml(title)} (sandbox)</title>
  <style>${styles}</style>
</head>
<body>
  <main>
    <p class="banner" role="note"><strong>Sandbox sign-in.</strong> This is not Microsoft.</p>
    <div class="card">${content}</div>
  </main>
</body>
</html>`;
}

function tile(person: Person): string {
  const initials = `${person.givenName.slice(0, 1)}${person.surname.slice(0, 1)}`;
  return `<li><button type="submit" name="account" value="${escapeHtml(person.userPrincipalName)}">
    <span class="initials" aria-hidden="true">${escapeHtml(initials)}</span>
    <span class="text"><span class="name">${escapeHtml(person.displayName)}</span>
    <span class="address">${escapeHtml(person.userPrincipalName)}</span>
    <span class="role">${escapeHtml(roleHint(person))}</span></span></button></li>`;
}

function permissionList(heading: string, permissions: readonly NamedPermission[]): string {
  if (permissions.length === 0) return '';
  const items = permissions.map(
    ({ name, meaning }) => `<li><strong>${escapeHtml(meaning)}</strong><code>${escapeHtml(name)}</code></li>`,
  );
  return `<h2>${escapeHtml(heading)}</h2><ul class="permissions">${items.join('')}</ul>`;
}

function problem(text: string | undefined): string {
  return text === undefined ? '' : `<p class="problem" role="alert">${escapeHtml(text)}</p>`;
}
