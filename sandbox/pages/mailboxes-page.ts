/** Every mailbox with what lies in it, the fullest first. */
import type { MailboxReader } from '../graph/views.ts';
import { hasMailbox, type Person, type Tenant } from '../world/people.ts';
import { html } from './html.ts';
import { page, table } from './layout.ts';
import { folderPath, mailboxPath } from './mailbox-page.ts';
import { counted, mailAddress, mailboxMeanings } from './wording.ts';

export function mailboxesPage(mailboxes: MailboxReader, tenants: readonly Tenant[]): string {
  return page({
    title: 'Mailboxes',
    area: '/mailboxes',
    content: tenants.map((tenant) => {
      const rows = tenant.people
        .filter(hasMailbox)
        .map((person) => asRow(mailboxes, person))
        .sort((a, b) => b.count - a.count || (a.person.displayName < b.person.displayName ? -1 : 1));
      const total = rows.reduce((sum, row) => sum + row.count, 0);
      return html`<section aria-labelledby="t-${tenant.id}"><h2 id="t-${tenant.id}">${tenant.displayName}</h2>
${table<ReturnType<typeof asRow>>(
  `${counted(rows.length, 'mailbox', 'mailboxes')}, ${counted(total, 'message')}`,
  [
    { name: 'Mailbox', cell: ({ person }) => html`<a href="${mailboxPath(person)}">${person.displayName}</a>` },
    {
      name: 'Address',
      cell: ({ person }) => html`<span>${mailAddress(person.mail ?? person.userPrincipalName)}</span>`,
    },
    { name: 'Kind', cell: ({ person }) => mailboxMeanings[person.mailbox] },
    {
      name: 'Folders with messages',
      cell: ({ person, filled }) =>
        filled.map((folder) => html`<a class="tag" href="${folderPath(person, folder, 1)}">${folder.displayName}</a>`),
    },
    { name: 'Messages', figures: true, cell: ({ count }) => count.toLocaleString('en') },
  ],
  rows,
)}</section>`;
    }),
  });
}

function asRow(mailboxes: MailboxReader, person: Person) {
  const filled = mailboxes.folders(person.id).filter((folder) => folder.totalItemCount > 0);
  return { person, filled, count: filled.reduce((sum, folder) => sum + folder.totalItemCount, 0) };
}
