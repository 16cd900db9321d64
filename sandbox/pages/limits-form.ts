/** Graph's limits in force, as a form, and who met them. */
import { type GraphLimits, graphLimitsSchema } from '../graph/limits.ts';
import type { LimitsDesk } from '../graph/limits-desk.ts';
import type { Throttled } from '../graph/throttle.ts';
import type { Tenant } from '../world/people.ts';
import { type Entered, type FieldText, input, problemSummary } from './field.ts';
import { html, type Markup } from './html.ts';
import { table } from './layout.ts';

const fields: readonly FieldText[] = [
  { name: 'mailboxConcurrency', label: 'Requests at once', hint: 'Per app and mailbox' },
  { name: 'mailboxRequests', label: 'Requests in 10 minutes', hint: 'Per app and mailbox' },
  { name: 'mailboxUploadBytes', label: 'Bytes in 5 minutes', hint: 'Per app and mailbox' },
  { name: 'appRequests', label: 'Requests a second', hint: 'Per app' },
  { name: 'messageBytes', label: 'Largest message, bytes', hint: 'An administrator can raise it to 150 MB' },
  { name: 'latencyMs', label: 'Time of a request, ms', hint: 'Added to what each takes' },
];

const limitNames: Readonly<Record<Throttled['limit'], string>> = {
  MailboxConcurrency: 'Requests at once',
  RequestsPerMailbox: 'Requests in 10 minutes',
  UploadPerMailbox: 'Bytes in 5 minutes',
  RequestsPerApp: 'Requests a second',
};

export function limitsInForce(limits: LimitsDesk): Entered {
  const values = Object.entries(limits.inForce).map(([name, value]) => [name, String(value)]);
  return { values: Object.fromEntries(values), problems: {} };
}

export function limitsForm(entered: Entered, limits: LimitsDesk, tenants: readonly Tenant[]): Markup {
  return html`<p>Above a limit Graph answers 429 with Retry-After.</p>
${problemSummary('The limits were not changed.', fields, entered)}
<form method="post" action="/faults/limits" class="panel" novalidate>
<div class="fields">${fields.map((one) => input(one, entered, html`type="number" min="0"`))}</div>
<div class="buttons"><button class="primary">Change limits</button>
<button formaction="/faults/limits/microsoft">As Microsoft’s</button>
<button formaction="/faults/limits/reset">As at the start</button></div>
</form>
${met(limits.throttled(), tenants)}`;
}

function met(throttled: readonly Throttled[], tenants: readonly Tenant[]): Markup {
  if (throttled.length === 0) return html`<p>No limit was met so far.</p>`;
  const people = tenants.flatMap((tenant) => tenant.people);
  const name = ({ mailbox }: Throttled): string =>
    mailbox === undefined
      ? 'The app as a whole'
      : (people.find((one) => one.id === mailbox)?.userPrincipalName ?? mailbox);
  return table<Throttled>(
    'Limits that were met',
    [
      { name: 'Mailbox', cell: name },
      { name: 'Limit', cell: (one) => limitNames[one.limit] },
      { name: 'Times', figures: true, cell: (one) => one.times.toLocaleString('en') },
    ],
    throttled,
  );
}

/** Reads the form: limits, or what was entered with what is wrong with it. */
export function readLimitsForm(sent: Readonly<Record<string, string>>): { limits: GraphLimits } | { entered: Entered } {
  const numbers = fields.map(({ name }) => [name, sent[name]?.trim() ? Number(sent[name]) : undefined]);
  const parsed = graphLimitsSchema.safeParse(Object.fromEntries(numbers));
  if (parsed.success) return { limits: parsed.data };
  const problems = parsed.error.issues.map(({ path }) => {
    const name = String(path.at(-1));
    return [name, name === 'latencyMs' ? 'Whole milliseconds from 0 to 60,000.' : 'A whole number from 1.'];
  });
  return { entered: { values: sent, problems: Object.fromEntries(problems) } };
}
