/** Faults in force, bad days to choose from, a form to add another fault, and Graph's limits. */
import type { SandboxParts } from '../composition.ts';
import type { Fault } from '../control/fault.ts';
import type { FaultRule } from '../control/fault-rule.ts';
import type { FaultRuleInForce } from '../control/faults.ts';
import { presets } from '../control/presets.ts';
import { emptyFaultForm, faultForm, faultMeanings } from './fault-form.ts';
import type { Entered } from './field.ts';
import { html, type Markup } from './html.ts';
import { page, table } from './layout.ts';
import { limitsForm, limitsInForce } from './limits-form.ts';

/** What stands in the forms, where something that was sent was refused. */
export interface RefusedForms {
  readonly fault?: Entered;
  readonly limits?: Entered;
}

export function faultsPage(
  { faults, limits, tenants }: Pick<SandboxParts, 'faults' | 'limits' | 'tenants'>,
  refused: RefusedForms = {},
): string {
  return page({
    title: 'Faults',
    area: '/faults',
    content: [
      html`<section aria-labelledby="in-force"><h2 id="in-force">In force</h2>${inForce(faults.rules())}</section>`,
      html`<section aria-labelledby="days"><h2 id="days">A bad day, with one click</h2>${badDays()}</section>`,
      html`<section aria-labelledby="add"><h2 id="add">Add a fault</h2>${faultForm(refused.fault ?? emptyFaultForm)}</section>`,
      html`<section aria-labelledby="limits"><h2 id="limits">Limits of Graph</h2>${limitsForm(
        refused.limits ?? limitsInForce(limits),
        limits,
        tenants,
      )}</section>`,
    ],
  });
}

function inForce(rules: readonly FaultRuleInForce[]): Markup {
  if (rules.length === 0) return html`<p>None. Every request is answered as it should be.</p>`;
  return html`${table<FaultRuleInForce>(
    'The first rule that strikes wins',
    [
      { name: 'Fault', cell: (one) => html`${faultMeanings[one.fault.kind]}<br><small>${detail(one.fault)}</small>` },
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

function badDays(): Markup {
  return html`<p>Adds to what is in force.</p>
<ul class="choices">${presets.map(
    (one) => html`<li><form method="post" action="/faults/presets/${one.id}"><button>${one.name}</button></form></li>`,
  )}</ul>`;
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
