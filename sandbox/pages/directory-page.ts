/** Who is in the organizations: people, roles, mailboxes, phones, and what each organization consented to. */
import type { ConsentRegistry } from '../entra/consents.ts';
import type { Directory } from '../world/directory.ts';
import { hasMailbox, type Person, type Tenant } from '../world/people.ts';
import { consentInForce, consentPath, isConsentGiven, revokeForm } from './consent-page.ts';
import { type Content, html, type Markup } from './html.ts';
import { facts, page, table } from './layout.ts';
import { mailboxPath } from './mailbox-page.ts';
import { personPath, restoreForm } from './person-page.ts';
import { mailAddress, mailboxMeanings } from './wording.ts';

export function directoryPage(directory: Directory, consents: ConsentRegistry): string {
  return page({
    title: 'Directory',
    area: '/directory',
    content: [
      html`<p>Everybody signs in by picking a name on the sign-in page. No password is asked.</p>`,
      directory.tenants.map((tenant) => organization(tenant, directory.removed(tenant.id), consents)),
    ],
  });
}

function organization(tenant: Tenant, removed: readonly Person[], consents: ConsentRegistry): Markup {
  return html`<section aria-labelledby="t-${tenant.id}"><h2 id="t-${tenant.id}">${tenant.displayName}</h2>
${facts([
  ['Tenant id', html`<code>${tenant.id}</code>`],
  ['Domains', tenant.domains.join(', ')],
  ['Consent to the portal', consentInForce(tenant, consents)],
])}
<div class="actions"><a class="button" href="/directory/${tenant.id}/people">Add a person</a>
<a class="button" href="${consentPath(tenant)}">Change consent</a>${isConsentGiven(tenant, consents) && revokeForm(tenant)}</div>
${table<Person>(
  `People of ${tenant.displayName}`,
  [
    {
      name: 'Name',
      cell: (one) =>
        html`<a href="${personPath(one)}">${one.displayName}</a>${!one.accountEnabled && html`<br><span class="tag bad">Disabled</span>`}`,
    },
    { name: 'Sign-in name', cell: (one) => html`<span>${mailAddress(one.userPrincipalName)}</span>` },
    { name: 'Mail addresses', cell: (one) => html`<span>${addresses(one)}</span>` },
    { name: 'Roles', cell: roles },
    {
      name: 'Mailbox',
      cell: (one) =>
        hasMailbox(one)
          ? html`<a href="${mailboxPath(one)}">${mailboxMeanings[one.mailbox]}</a>`
          : mailboxMeanings[one.mailbox],
    },
    { name: 'Phone', cell: phone },
  ],
  tenant.people,
)}
${
  removed.length > 0 &&
  table<Person>(
    `Removed from ${tenant.displayName}`,
    [
      { name: 'Name', cell: (one) => html`<a href="${personPath(one)}">${one.displayName}</a>` },
      { name: 'Sign-in name', cell: (one) => html`<span>${mailAddress(one.userPrincipalName)}</span>` },
      { name: 'Take back', cell: restoreForm },
    ],
    removed,
  )
}</section>`;
}

/** Primary first, as the directory lists them. */
function addresses(person: Person): Content {
  const all = person.proxyAddresses.map((address) => address.replace(/^smtp:/i, ''));
  const [only] = all;
  if (all.length === 1 && only === person.userPrincipalName) return 'The same';
  return all.map((address, at) => [at > 0 && html`<br>`, mailAddress(address)]);
}

function roles(person: Person): Markup {
  const all = [
    ...person.appRoles,
    ...person.directoryRoles,
    ...person.exchangeRoleGroups.map((group) => `${group} (Exchange)`),
  ];
  if (person.userType === 'Guest') all.push('Guest');
  return html`<span>${all.length === 0 ? 'None' : all.map((role) => html`<span class="tag">${role}</span>`)}</span>`;
}

function phone(person: Person): Markup {
  if (person.mobile === null) return html`None`;
  return html`<span><a class="whole" href="/telemessage/phones/${encodeURIComponent(person.mobile)}">${person.mobile}</a><br>
<small>${person.telemessageStatus}${person.telemessageEmail === null && ', no e-mail'}</small></span>`;
}
