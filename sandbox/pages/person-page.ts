/** Somebody: what is known, and forms to change them, to remove them, and to add somebody new. */
import type { Found } from '../world/directory.ts';
import { hasMailbox, type Person, type Tenant } from '../world/people.ts';
import type { Fields } from './forms.ts';
import type { Content } from './html.ts';
import { html, type Markup } from './html.ts';
import { facts, page } from './layout.ts';
import { mailboxPath } from './mailbox-page.ts';
import { fieldsOf, newcomer } from './person-fields.ts';
import { personForm } from './person-form.ts';
import { mailAddress, mailboxMeanings } from './wording.ts';

/** What was sent last and refused. */
export interface Refused {
  readonly fields: Fields;
  /** sentences by field */
  readonly problems: ReadonlyMap<string, string>;
}

const nothing: ReadonlyMap<string, string> = new Map();
const trail = [{ path: '/directory', name: 'Directory' }] as const;

export function personPath(person: Person): string {
  return `/directory/people/${person.id}`;
}

export function personPage({ tenant, person }: Found, saved: boolean, refused?: Refused): string {
  return page({
    title: person.displayName,
    area: '/directory',
    trail,
    content: [
      saved && html`<p class="saved" role="status">Saved.</p>`,
      known(tenant, person),
      html`<section aria-labelledby="change"><h2 id="change">Change</h2>${personForm({
        action: personPath(person),
        button: 'Save',
        fields: refused?.fields ?? fieldsOf(person),
        problems: refused?.problems ?? nothing,
        isNew: false,
      })}</section>`,
      html`<section aria-labelledby="remove"><h2 id="remove">Remove</h2>
<p>Takes ${person.displayName} out of the directory. The mailbox is kept for when they are restored, and the phone stays with TeleMessage.</p>
<form method="post" action="${personPath(person)}/remove"><button>Remove ${person.displayName}</button></form></section>`,
    ],
  });
}

/** Somebody who was removed. */
export function removedPage({ tenant, person }: Found, problem?: string): string {
  return page({
    title: person.displayName,
    area: '/directory',
    trail,
    content: [
      problem !== undefined && html`<p class="problem" role="alert">${problem}</p>`,
      html`<p>Was removed from the directory of ${tenant.displayName}. Microsoft Graph knows nobody with this id. The mailbox is kept.</p>`,
      facts([
        ['Object id', html`<code>${person.id}</code>`],
        ['Sign-in name', mailAddress(person.userPrincipalName)],
      ]),
      restoreForm(person),
    ],
  });
}

export function restoreForm(person: Person): Markup {
  return html`<form method="post" action="${personPath(person)}/restore"><button>Restore ${person.displayName}</button></form>`;
}

export function newPersonPage(tenant: Tenant, refused?: Refused): string {
  return page({
    title: `Add a person to ${tenant.displayName}`,
    area: '/directory',
    trail,
    content: personForm({
      action: `/directory/${tenant.id}/people`,
      button: 'Add person',
      fields: refused?.fields ?? newcomer,
      problems: refused?.problems ?? nothing,
      isNew: true,
    }),
  });
}

function known(tenant: Tenant, person: Person): Markup {
  return facts([
    ['Object id', html`<code>${person.id}</code>`],
    ['Organization', html`<a href="/directory#t-${tenant.id}">${tenant.displayName}</a>`],
    ['Account', person.accountEnabled ? 'Enabled' : html`<span class="tag bad">Disabled</span>`],
    ['Sign-in name', mailAddress(person.userPrincipalName)],
    ['Mail', person.mail === null ? 'None' : mailAddress(person.mail)],
    ['Mailbox', mailbox(person)],
    ['Phone', phone(person)],
  ]);
}

function mailbox(person: Person): Content {
  const meaning = mailboxMeanings[person.mailbox];
  return hasMailbox(person) ? html`<a href="${mailboxPath(person)}">${meaning}</a>` : meaning;
}

function phone(person: Person): Content {
  if (person.mobile === null) return 'None';
  return html`<a class="whole" href="/telemessage/phones/${encodeURIComponent(person.mobile)}">${person.mobile}</a>, ${person.telemessageStatus}`;
}
