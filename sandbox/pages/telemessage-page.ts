/** The TeleMessage account: who can sign in to it, its clock, registered connectors, phones. */
import { type AdministrationAccount, accountStates } from '../telemessage/accounts.ts';
import type { DeviceDesk, RegisteredUser } from '../telemessage/devices.ts';
import type { Registration } from '../telemessage/registrations.ts';
import type { TelemessageSite } from '../telemessage/site.ts';
import type { Tenant } from '../world/people.ts';
import { archiverLinks, chosenKind, kindName, orderedKinds, usualKind } from './archivers.ts';
import { conditionsForm, conditionsInForce } from './conditions-form.ts';
import type { Entered } from './field.ts';
import { html, type Markup } from './html.ts';
import { facts, page, table } from './layout.ts';
import { phonePath } from './phone-page.ts';
import { mailAddress, utc } from './wording.ts';

export interface TelemessagePageParts {
  readonly site: TelemessageSite;
  readonly devices: DeviceDesk;
  readonly itemsPerDay: number;
}

/**
 * `kind` is the archiver whose phones are shown, where a tenant ordered it; `refused` is what was entered where it was
 * refused.
 */
export async function telemessagePage(
  { site, devices, itemsPerDay }: TelemessagePageParts,
  { kind, refused }: { readonly kind?: string | undefined; readonly refused?: Entered } = {},
): Promise<string> {
  const served = site.tenants.filter((tenant) => site.accounts.all().some((one) => one.tenantId === tenant.id));
  return page({
    title: 'TeleMessage',
    area: '/telemessage',
    content: [
      html`<section aria-labelledby="accounts"><h2 id="accounts">Administration accounts</h2>
<p>For the step “Login to TeleMessage”. Five wrong passwords lock an account.</p>${accounts(site)}</section>`,
      html`<section aria-labelledby="clock"><h2 id="clock">Clock of the archive</h2>
${facts([
  ['Now', utc(site.now())],
  ['Settled through', utc(site.settledThrough())],
  ['Earliest retained', utc(site.earliestRetained())],
  ['Speech of the phones', site.speech ?? `About ${itemsPerDay.toLocaleString('en')} items a day`],
])}</section>`,
      html`<section aria-labelledby="conditions"><h2 id="conditions">How it behaves</h2>${conditionsForm(
        refused ?? conditionsInForce(site.conditions.inForce),
      )}</section>`,
      html`<section aria-labelledby="connectors"><h2 id="connectors">Registered connectors</h2>${connectors(site)}</section>`,
      await Promise.all(served.map((tenant) => phones(site, devices, tenant, kind))),
    ],
  });
}

function accounts(site: TelemessageSite): Markup {
  return table<AdministrationAccount>(
    'Usernames and passwords',
    [
      {
        name: 'Username',
        cell: (one) => html`<code>${mailAddress(one.username)}</code>`,
      },
      { name: 'Password', cell: (one) => html`<code>${one.password}</code>` },
      { name: 'Account', cell: (one) => one.account.name },
      { name: 'What it is for', cell: (one) => one.purpose },
      { name: 'State', cell: (one) => stateOf(site, one) },
    ],
    site.accounts.all(),
  );
}

const stateNames: Readonly<Record<AdministrationAccount['state'], string>> = {
  good: 'Open',
  suspended: 'Suspended',
  pinRequired: 'Needs a PIN',
};

function stateOf(site: TelemessageSite, { username, state }: AdministrationAccount): Markup {
  const options = accountStates.map(
    (one) => html`<option value="${one}"${one === state && html` selected`}>${stateNames[one]}</option>`,
  );
  return html`<div><form method="post" action="/telemessage/accounts" class="row"><input type="hidden" name="username" value="${username}">
<select name="state" aria-label="State of ${username}">${options}</select><button>Set</button></form>${
    site.signIn.isLocked(username) &&
    html`<form method="post" action="/telemessage/unlock" class="row"><span class="tag bad">Locked</span><input type="hidden" name="username" value="${username}"><button>Unlock</button></form>`
  }</div>`;
}

function connectors(site: TelemessageSite): Markup {
  const all = site.registrations.all();
  if (all.length === 0)
    return html`<p>None yet. The portal registers one when somebody signs in to TeleMessage there.</p>`;
  return table<Registration>(
    'Oldest first',
    [
      { name: 'Id', cell: (one) => html`<code>${one.id}</code>` },
      { name: 'Archiver', cell: (one) => one.kind },
      { name: 'Account', cell: (one) => one.accountId },
      { name: 'Client reference', cell: (one) => one.clientReference },
      { name: 'Registered', cell: (one) => utc(one.createdAt) },
      { name: 'Status', cell: connectorStatus },
    ],
    all,
  );
}

function connectorStatus({ id, status }: Registration): Markup {
  const [shown, next, button] =
    status === 'active'
      ? ['Active', 'suspended', 'Suspend']
      : [html`<span class="tag bad">Suspended</span>`, 'active', 'Activate'];
  return html`<form method="post" action="/telemessage/connectors/${encodeURIComponent(id)}" class="row"><span>${shown}</span>
<input type="hidden" name="status" value="${next}"><button aria-label="${button} ${id}">${button}</button></form>`;
}

async function phones(
  site: TelemessageSite,
  devices: DeviceDesk,
  tenant: Tenant,
  asked: string | undefined,
): Promise<Markup> {
  const kind = chosenKind(site, tenant, asked) ?? usualKind(site, tenant);
  const users = await devices.registeredUsers(tenant, kind);
  const heading = `p-${tenant.id}`;
  return html`<section aria-labelledby="${heading}"><h2 id="${heading}">Phones of ${tenant.displayName}</h2>
${archiverLinks(
  orderedKinds(site, tenant),
  kind,
  `Archivers of ${tenant.displayName}`,
  (one) => `/telemessage?kind=${encodeURIComponent(one)}#${heading}`,
)}
${table<RegisteredUser>(
  `Registered users of ${kindName(kind)}`,
  [
    {
      name: 'Number',
      cell: (one) => html`<a class="whole" href="${phonePath(one.mobile, kind)}">${one.mobile}</a>`,
    },
    { name: 'Name', cell: (one) => one.name },
    {
      name: 'User’s email address',
      cell: (one) => html`<span>${one.email === null ? 'None' : mailAddress(one.email)}</span>`,
    },
    { name: 'Status', cell: (one) => one.status },
    {
      name: 'Last archived',
      cell: (one) => (one.lastArchivedTime === null ? 'Nothing lately' : utc(one.lastArchivedTime)),
    },
  ],
  users,
)}</section>`;
}
