/** The first page: what is here and where to begin. */
import type { SandboxParts } from '../composition.ts';
import { administrationAccounts } from '../telemessage/accounts.ts';
import { hasMailbox } from '../world/people.ts';
import { kestrelBank } from '../world/tenants.ts';
import { html } from './html.ts';
import { facts, page } from './layout.ts';
import { counted, utc } from './wording.ts';

export function homePage(parts: SandboxParts): string {
  const people = parts.tenants.flatMap((tenant) => tenant.people);
  const mailboxes = people.filter(hasMailbox);
  const messages = mailboxes.reduce(
    (sum, person) => sum + parts.mailboxes.folders(person.id).reduce((all, folder) => all + folder.totalItemCount, 0),
    0,
  );
  const rules = parts.faults.rules().length;
  const rooms = [
    [
      '/directory',
      'Directory',
      `${counted(people.length, 'person', 'people')} in ${counted(parts.tenants.length, 'organization')}, their roles and addresses.`,
    ],
    ['/mailboxes', 'Mailboxes', `${counted(messages, 'message')} so far. Read what the portal has archived.`],
    ['/telemessage', 'TeleMessage', 'Accounts to sign in with, phones and what they say, registered connectors.'],
    [
      '/sent',
      'Sent mail',
      `${counted(parts.outside.mails().length, 'mail')} and ${counted(parts.outside.calls().length, 'webhook')} that the portal sent to people and monitors.`,
    ],
    [
      '/faults',
      'Faults',
      rules === 0 ? 'None in force. Make the cloud slow, forgetful or unkind.' : `${counted(rules, 'rule')} in force.`,
    ],
  ] as const;
  const { admin, account } = toBeginWith(parts);
  return page({
    title: 'A cloud to try the portal on',
    area: '/',
    content: html`<p>This stands in for Microsoft 365 and for TeleMessage on this machine. People, phones and messages are made up, and nothing leaves this machine.</p>
<ul class="cards">${rooms.map(
      ([path, name, text]) =>
        html`<li class="card"><h2><a href="${path}">${name}</a></h2><p class="quiet">${text}</p></li>`,
    )}</ul>
<section aria-labelledby="try"><h2 id="try">To try the wizard</h2>
<ol>
<li>Sign in to the portal as <strong>${admin.displayName}</strong> (${admin.userPrincipalName}), who may set up connectors and give consent.</li>
<li>At “Login to TeleMessage” enter <code>${account.username}</code> and <code>${account.password}</code>. <a href="/telemessage">Other accounts</a> show how a login is refused.</li>
<li>When the import is complete, read the folder Android Archiver in the <a href="/mailboxes">mailboxes</a>.</li>
</ol></section>
<section aria-labelledby="where"><h2 id="where">Where the portal finds it</h2>
${facts([
  ['Entra ID', html`<code>https://${parts.settings.name}:${parts.settings.ports.entra}</code>`],
  ['Microsoft Graph', html`<code>https://${parts.settings.name}:${parts.settings.ports.graph}</code>`],
  ['TeleMessage', html`<code>https://${parts.settings.name}:${parts.settings.ports.telemessage}</code>`],
  ['Mail server', html`<code>${parts.settings.name}:${parts.settings.ports.smtp}</code>`],
  ['Webhooks', html`<code>https://${parts.settings.name}:${parts.settings.ports.hooks}</code>`],
  ['Clock', utc(parts.clock().getTime())],
])}</section>`,
  });
}

/** Somebody who may do everything, and an account that works. */
/** The same as the demo proposes: an organization that has no connector by the demo itself. */
function toBeginWith({ tenants }: SandboxParts) {
  const [first, ...others] = administrationAccounts;
  const account = others.find(({ tenantId, state }) => tenantId === kestrelBank.id && state === 'good') ?? first;
  const people = tenants.find((tenant) => tenant.id === account.tenantId)?.people ?? [];
  const admin = people.find(
    (one) => one.appRoles.includes('DataConnectors.Admin') && one.directoryRoles.includes('Global Administrator'),
  );
  return { account, admin: admin ?? { displayName: 'an administrator', userPrincipalName: 'see the directory' } };
}
