/** The form that adds a fault, and what it says when it cannot. */
import { type FaultKind, faultKinds, serviceNames } from '../control/fault.ts';
import type { FaultRule } from '../control/fault-rule.ts';
import type { FaultRegistry } from '../control/faults.ts';
import { type Entered, type FieldText, input, problemSummary, select } from './field.ts';
import { html, type Markup } from './html.ts';

export const faultMeanings: Readonly<Record<FaultKind, string>> = {
  refuse: 'Refuse with a status and a code',
  throttle: 'Throttle: 429 with Retry-After',
  delay: 'Delay, then do it',
  'reset-before': 'Cut the connection, do nothing',
  'reset-after': 'Do it, then cut the connection',
  'answer-late': 'Do it, answer late',
  'commit-late': 'Cut the connection, do it late',
  'no-answer': 'Do it and never answer',
  truncate: 'Send half of the answer, then cut',
  stall: 'Send half of the answer, then nothing',
  duplicate: 'The same thing once more',
  expire: 'The session or token is over',
};

const serviceTitles = { graph: 'Microsoft Graph', entra: 'Entra ID', telemessage: 'TeleMessage' } as const;

/** what a kind needs to be told */
const parameters: Readonly<Partial<Record<FaultKind, readonly string[]>>> = {
  refuse: ['status', 'code'],
  throttle: ['retryAfter'],
  delay: ['ms'],
  'answer-late': ['ms'],
  'commit-late': ['ms'],
};

/** Shown only while a kind is chosen that needs it: the stylesheet looks at the choice. */
const onlyFor = (...names: readonly string[]): string =>
  [
    'only',
    ...faultKinds.filter((kind) => parameters[kind]?.some((one) => names.includes(one))).map((kind) => `for-${kind}`),
  ].join(' ');

const fields = {
  service: { name: 'service', label: 'Service' },
  route: { name: 'route', label: 'Requests', hint: 'Method and path, * for anything' },
  mailbox: { name: 'mailbox', label: 'Mailbox', hint: 'Graph, optional: address or object id' },
  kind: { name: 'kind', label: 'Fault' },
  rate: { name: 'rate', label: 'Share of requests, %' },
  count: { name: 'count', label: 'How many in all', hint: 'Empty: without end' },
  after: { name: 'after', label: 'Let pass first' },
  status: { name: 'status', label: 'Status', shown: onlyFor('status') },
  code: { name: 'code', label: 'Error code', shown: onlyFor('code') },
  retryAfter: { name: 'retryAfter', label: 'Retry-After, s', shown: onlyFor('retryAfter') },
  ms: { name: 'ms', label: 'Time, ms', shown: onlyFor('ms') },
} satisfies Record<string, FieldText>;

const standard: Readonly<Record<string, string>> = {
  service: 'graph',
  route: '*',
  kind: 'refuse',
  rate: '100',
  after: '0',
  status: '503',
  code: 'ServiceUnavailable',
  retryAfter: '5',
  ms: '2000',
};

/** what a wrong value should have been */
const expected: Readonly<Record<string, string>> = {
  service: 'Choose a service.',
  route: 'A method and a path, such as POST /v1.0/*, or only *.',
  kind: 'Choose a fault.',
  rate: 'A number above 0 and up to 100.',
  count: 'A whole number from 1, or nothing.',
  after: 'A whole number from 0.',
  status: 'A whole number from 400 to 599.',
  code: 'The error code that the answer carries.',
  retryAfter: 'Whole seconds from 0 to 3,600.',
  ms: 'Whole milliseconds from 0 to 600,000.',
};

const commonRoutes = [
  '*',
  'GET *',
  'POST *',
  'POST /v1.0/users/*/messages',
  'POST /v1.0/$batch',
  'PUT /uploads/*',
  'GET /v1.0/users/*',
  'POST */oauth2/v2.0/token',
  'GET */oauth2/v2.0/authorize',
  'POST */v2.0/adminconsent',
  'POST /v1/sessions',
  'POST /v1/connectors',
  'GET /v1/archives/*/items',
  'GET /v1/archives/*/manifest',
  'GET /v1/attachments/*',
] as const;

export const emptyFaultForm: Entered = { values: standard, problems: {} };

export function faultForm(entered: Entered): Markup {
  const whole = html`type="number" min="0"`;
  return html`${problemSummary('The fault was not added.', Object.values(fields), entered)}
<form method="post" action="/faults" class="panel" novalidate>
<div class="fields">
${select(
  fields.service,
  entered,
  serviceNames.map((value) => ({ value, name: serviceTitles[value] })),
)}
${select(
  fields.kind,
  entered,
  faultKinds.map((value) => ({ value, name: faultMeanings[value] })),
)}
${input(fields.route, entered, html`list="routes" autocomplete="off" spellcheck="false"`)}
${input(fields.mailbox, entered, html`autocomplete="off" spellcheck="false"`)}
${input(fields.status, entered, html`type="number" min="400" max="599"`)}
${input(fields.code, entered, html`autocomplete="off" spellcheck="false"`)}
${input(fields.retryAfter, entered, whole)}
${input(fields.ms, entered, whole)}
${input(fields.rate, entered, html`type="number" min="0" max="100" step="any"`)}
${input(fields.count, entered, html`type="number" min="1"`)}
${input(fields.after, entered, whole)}
</div>
<datalist id="routes">${commonRoutes.map((route) => html`<option value="${route}"></option>`)}</datalist>
<button class="primary">Add fault</button>
</form>`;
}

/** Reads the form: a rule, or what was entered with what is wrong with it. */
export function readFaultForm(
  sent: Readonly<Record<string, string>>,
  { ruleSchema }: Pick<FaultRegistry, 'ruleSchema'>,
): { rule: FaultRule } | { entered: Entered } {
  const given = (name: string): string | undefined => (sent[name]?.trim() ? sent[name].trim() : undefined);
  const number = (name: string): number | undefined => (given(name) === undefined ? undefined : Number(given(name)));
  const values: Readonly<Record<string, string | number | undefined>> = {
    status: number('status'),
    code: given('code'),
    retryAfter: number('retryAfter'),
    ms: number('ms'),
  };
  const needed = faultKinds.flatMap((kind) => (kind === sent.kind ? (parameters[kind] ?? []) : []));
  const rate = number('rate');
  const parsed = ruleSchema.safeParse({
    service: sent.service,
    route: given('route'),
    mailbox: given('mailbox'),
    rate: rate === undefined ? undefined : rate / 100,
    count: number('count'),
    after: number('after'),
    fault: { kind: sent.kind, ...Object.fromEntries(needed.map((name) => [name, values[name]])) },
  });
  if (parsed.success) return { rule: parsed.data };
  const problems = parsed.error.issues.map(({ path, code, message }) => {
    const name = String(path.at(-1));
    return [name, code === 'custom' ? message : (expected[name] ?? message)] as const;
  });
  return { entered: { values: { ...standard, ...sent }, problems: Object.fromEntries(problems) } };
}
