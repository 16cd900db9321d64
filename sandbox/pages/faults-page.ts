/** Faults in force, and a form to set another. */
import { type Fault, serviceNames } from '../control/fault.ts';
import { type FaultRule, type FaultRuleInForce, faultRuleSchema } from '../control/faults.ts';
import { html, type Markup } from './html.ts';
import { page, table } from './layout.ts';

const meanings: Readonly<Record<Fault['kind'], string>> = {
  refuse: 'Refuse with a status and a code',
  throttle: 'Throttle: 429 with Retry-After',
  delay: 'Delay, then do it',
  'reset-before': 'Cut the connection, do nothing',
  'reset-after': 'Do it, then cut the connection',
  'answer-late': 'Do it, answer late',
  'commit-late': 'Cut the connection, do it late',
  'no-answer': 'Do it and never answer',
  truncate: 'Send half of the answer',
  stall: 'Send half of the answer, then nothing',
  duplicate: 'The same thing once more',
  expire: 'The session or token is over',
};

export function faultsPage(rules: readonly FaultRuleInForce[], problem: string | null = null): string {
  return page({
    title: 'Faults',
    area: '/faults',
    content: [
      problem !== null && html`<p class="problem" role="alert">${problem}</p>`,
      html`<section aria-labelledby="in-force"><h2 id="in-force">In force</h2>${inForce(rules)}</section>`,
      html`<section aria-labelledby="add"><h2 id="add">Add a fault</h2>${form()}</section>`,
    ],
  });
}

function inForce(rules: readonly FaultRuleInForce[]): Markup {
  if (rules.length === 0) return html`<p>None. Every request is answered as it should be.</p>`;
  return html`${table<FaultRuleInForce>(
    'The first rule that strikes wins',
    [
      { name: 'Fault', cell: (one) => html`${meanings[one.fault.kind]}<br><small>${detail(one.fault)}</small>` },
      { name: 'Service', cell: (one) => one.service },
      {
        name: 'Requests',
        cell: (one) =>
          html`<code>${one.route}</code>${one.mailbox !== undefined && html`<br><small>${one.mailbox}</small>`}`,
      },
      { name: 'How often', cell: often },
      { name: 'Struck', figures: true, cell: (one) => `${one.struck} of ${one.seen}` },
      {
        name: 'End it',
        cell: (one) => html`<form method="post" action="/faults/${one.id}/remove"><button>Remove</button></form>`,
      },
    ],
    rules,
  )}
<form method="post" action="/faults/clear"><button>Clear all faults</button></form>`;
}

function detail(fault: Fault): string {
  switch (fault.kind) {
    case 'refuse':
      return `${fault.status} ${fault.code}`;
    case 'throttle':
      return `Retry-After ${fault.retryAfter} s`;
    case 'delay':
    case 'answer-late':
    case 'commit-late':
      return `${fault.ms} ms`;
    default:
      return '';
  }
}

function often(rule: FaultRule): string {
  const share = rule.rate === 1 ? 'Every request' : `${Math.round(rule.rate * 1_000) / 10} % of requests`;
  const after = rule.after > 0 ? `, after ${rule.after}` : '';
  return `${share}${after}${rule.count === undefined ? '' : `, ${rule.count} in all`}`;
}

function form(): Markup {
  const kinds = Object.entries(meanings).map(([kind, meaning]) => html`<option value="${kind}">${meaning}</option>`);
  const services = serviceNames.map((one) => html`<option>${one}</option>`);
  return html`<form method="post" action="/faults" class="panel">
<div class="fields">
${field('service', 'Service', null, (own) => html`<select ${own}>${services}</select>`)}
${field('route', 'Requests', 'Method and path, * for anything', (own) => html`<input ${own} value="*">`)}
${field('mailbox', 'Mailbox', 'Optional: id or address in the path', (own) => html`<input ${own}>`)}
${field('kind', 'Fault', null, (own) => html`<select ${own}>${kinds}</select>`)}
${field('rate', 'Share of requests, %', null, (own) => html`<input ${own} type="number" min="0" max="100" step="any" value="100">`)}
${field('count', 'How many in all', 'Empty: without end', (own) => html`<input ${own} type="number" min="1">`)}
${field('after', 'Let pass first', null, (own) => html`<input ${own} type="number" min="0" value="0">`)}
</div>
<fieldset><legend>Where the fault needs it</legend><div class="fields">
${field('status', 'Status', 'Refuse', (own) => html`<input ${own} type="number" min="400" max="599" value="503">`)}
${field('code', 'Error code', 'Refuse', (own) => html`<input ${own} value="serviceNotAvailable">`)}
${field('retryAfter', 'Retry-After, s', 'Throttle', (own) => html`<input ${own} type="number" min="0" value="5">`)}
${field('ms', 'Time, ms', 'Delay, late answers', (own) => html`<input ${own} type="number" min="0" value="2000">`)}
</div></fieldset>
<button class="primary">Add fault</button>
</form>`;
}

/** A control under its label, with a hint where one is needed. `control` puts the attributes it is given on itself. */
function field(name: string, label: string, hint: string | null, control: (own: Markup) => Markup): Markup {
  const described = hint !== null && html` aria-describedby="h-${name}"`;
  return html`<div><label for="f-${name}">${label}</label>
${hint !== null && html`<small id="h-${name}">${hint}</small>`}${control(html`id="f-${name}" name="${name}"${described}`)}</div>`;
}

/** Reads the form. Null where it is no rule. */
export function faultFromForm(fields: Readonly<Record<string, string>>): FaultRule | null {
  const given = (name: string): string | undefined => (fields[name] === '' ? undefined : fields[name]);
  const number = (name: string): number | undefined => (given(name) === undefined ? undefined : Number(given(name)));
  const parsed = faultRuleSchema.safeParse({
    service: fields.service,
    route: given('route'),
    mailbox: given('mailbox'),
    rate: (number('rate') ?? 100) / 100,
    count: number('count'),
    after: number('after'),
    fault: {
      kind: fields.kind,
      status: number('status'),
      code: given('code'),
      retryAfter: number('retryAfter'),
      ms: number('ms'),
    },
  });
  return parsed.success ? parsed.data : null;
}
