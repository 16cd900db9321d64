/** What an organization lets the portal do: for all mailboxes, for chosen ones, or nothing. */
import { type ConsentRegistry, type GraphPermission, graphPermissions } from '../entra/consents.ts';
import { hasMailbox, type Tenant } from '../world/people.ts';
import type { Fields } from './forms.ts';
import { type Content, html, type Markup } from './html.ts';
import { page } from './layout.ts';
import { checkbox } from './person-form.ts';

/** How far the portal may read and write mail. */
const reaches = {
  all: ['All mailboxes', 'Mail.ReadWrite is in the token.'],
  chosen: [
    'Chosen mailboxes, by RBAC for Applications',
    'Mail.ReadWrite is not in the token; Exchange allows the chosen mailboxes.',
  ],
  policy: [
    'Chosen mailboxes, by an application access policy',
    'Mail.ReadWrite is in the token; Exchange blocks all other mailboxes.',
  ],
  none: ['No mailbox', 'Mail.ReadWrite is not in the token, and Exchange allows nothing.'],
} as const satisfies Readonly<Record<string, readonly [name: string, meaning: string]>>;

type Reach = keyof typeof reaches;

const others: readonly GraphPermission[] = graphPermissions.filter((one) => one !== 'Mail.ReadWrite');

export function consentPath(tenant: Tenant): string {
  return `/directory/${tenant.id}/consent`;
}

export function consentPage(
  tenant: Tenant,
  consents: ConsentRegistry,
  { saved = false, refused }: { saved?: boolean; refused?: { fields: Fields; problem: string } } = {},
): string {
  const fields = refused?.fields ?? fieldsOf(tenant, consents);
  return page({
    title: `Consent of ${tenant.displayName}`,
    area: '/directory',
    trail: [{ path: '/directory', name: 'Directory' }],
    content: [
      saved &&
        html`<p class="saved" role="status">Saved. Tokens that were given out before keep their permissions.</p>`,
      refused && html`<p class="problem" role="alert">${refused.problem}</p>`,
      html`<p>What an administrator grants to the portal on the consent page and in Exchange, set here without either.</p>
<form method="post" action="${consentPath(tenant)}" class="panel">
<fieldset><legend>Mail that the portal may read and write</legend>${Object.entries(reaches).map(
        ([value, [name, meaning]]) =>
          html`<label class="check"><input type="radio" name="reach" value="${value}"${
            fields.reach === value && html` checked`
          }><span>${name}<br><small>${meaning}</small></span></label>`,
      )}</fieldset>
<fieldset><legend>Chosen mailboxes</legend><div class="checks">${tenant.people
        .filter((one) => hasMailbox(one) || fields[`mailbox.${one.id}`] === 'on')
        .map((one) => checkbox(fields, `mailbox.${one.id}`, one.displayName))}</div></fieldset>
<fieldset><legend>Other permissions</legend><div class="checks">${others.map((one) => checkbox(fields, one, one))}</div></fieldset>
<button class="primary">Save</button>
</form>`,
      html`<section aria-labelledby="revoke"><h2 id="revoke">Revoke</h2>
<p>Takes back all of it, as an administrator does in Entra ID and Exchange.</p>${revokeForm(tenant)}</section>`,
    ],
  });
}

/** Whether there is anything to revoke. */
export function isConsentGiven(tenant: Tenant, consents: ConsentRegistry): boolean {
  const { id } = tenant;
  return consents.granted(id).length + consents.delegated(id).length > 0 || consents.mailboxScope(id) !== undefined;
}

export function revokeForm(tenant: Tenant): Markup {
  return html`<form class="inline" method="post" action="/directory/${tenant.id}/revoke-consent"><button>Revoke consent</button></form>`;
}

/** What is in force, in a line for the directory page. */
export function consentInForce(tenant: Tenant, consents: ConsentRegistry): Content {
  const granted = consents.granted(tenant.id);
  const scope = consents.mailboxScope(tenant.id);
  if (granted.length === 0 && scope === undefined) return 'Not given';
  return [
    granted.map((one) => html`<span class="tag">${one}</span>`),
    scope !== undefined &&
      html`<span class="tag">${granted.includes('Mail.ReadWrite') ? 'Access policy' : 'RBAC for Applications'}: ${scope.size}</span>`,
  ];
}

/** Grants what the form says, or gives the sentence that says what is wrong with it. */
export function setConsent(tenant: Tenant, consents: ConsentRegistry, fields: Fields): string | undefined {
  const reach = isReach(fields.reach) ? fields.reach : undefined;
  if (reach === undefined) return 'Choose what mail the portal may read and write.';
  const chosen = tenant.people.filter((one) => fields[`mailbox.${one.id}`] === 'on').map((one) => one.id);
  const isLimited = reach === 'chosen' || reach === 'policy';
  if (isLimited && chosen.length === 0) return 'Choose at least one mailbox.';
  const permissions = graphPermissions.filter((one) =>
    one === 'Mail.ReadWrite' ? reach === 'all' || reach === 'policy' : fields[one] === 'on',
  );
  consents.grant(tenant.id, permissions);
  consents.limitMailboxes(tenant.id, isLimited ? chosen : undefined);
  return undefined;
}

function fieldsOf(tenant: Tenant, consents: ConsentRegistry): Fields {
  const granted = consents.granted(tenant.id);
  const scope = consents.mailboxScope(tenant.id);
  const mail = granted.includes('Mail.ReadWrite');
  const reach: Reach = scope ? (mail ? 'policy' : 'chosen') : mail ? 'all' : 'none';
  const ticked = [...granted, ...[...(scope ?? [])].map((id) => `mailbox.${id}`)];
  return { reach, ...Object.fromEntries(ticked.map((name) => [name, 'on'])) };
}

function isReach(value: string | undefined): value is Reach {
  return value !== undefined && value in reaches;
}
