/** How the TeleMessage site behaves, as a form. */
import { type Conditions, conditionsSchema } from '../telemessage/conditions.ts';
import { ONE_IN, troubleMeanings, troubleNames } from '../telemessage/troubles.ts';
import { type Entered, type FieldText, input, problemSummary } from './field.ts';
import { html, type Markup } from './html.ts';

const fields: readonly FieldText[] = [
  { name: 'settleLagSeconds', label: 'Settles after, s', hint: 'How far the archive lags behind now' },
  { name: 'sessionSeconds', label: 'A session lasts, s', hint: 'Shorter ends open sessions, too' },
  { name: 'requestsPerSecond', label: 'Requests a second', hint: 'Per account; twice as many at once' },
];

/** what a wrong value should have been */
const expected: Readonly<Record<string, string>> = {
  settleLagSeconds: 'Seconds from 0 to 7,776,000 (90 days).',
  sessionSeconds: 'Whole seconds from 1 to 7,776,000 (90 days).',
  requestsPerSecond: 'A number above 0 and up to 1,000,000.',
};

export function conditionsInForce({ troubles, ...numbers }: Conditions): Entered {
  const values = Object.entries(numbers).map(([name, value]) => [name, String(value)]);
  const checked = troubles.map((name) => [`trouble-${name}`, 'on']);
  return { values: Object.fromEntries([...values, ...checked]), problems: {} };
}

export function conditionsForm(entered: Entered): Markup {
  return html`${problemSummary('Nothing was changed.', fields, entered)}
<form method="post" action="/telemessage/conditions" class="panel" novalidate>
<div class="fields">${fields.map((one) => input(one, entered, html`type="number" min="0" step="any"`))}</div>
<fieldset><legend>Troubles</legend><p class="quiet">Each strikes one in ${ONE_IN}, always the same ones.</p>
<ul class="checks">${troubleNames.map((name) => {
    const checked = entered.values[`trouble-${name}`] !== undefined && html` checked`;
    return html`<li><label><input type="checkbox" name="trouble-${name}"${checked}> ${troubleMeanings[name]}</label></li>`;
  })}</ul></fieldset>
<div class="buttons"><button class="primary">Change</button>
<button formaction="/telemessage/reset">As at the start</button></div>
</form>`;
}

/** Reads the form: conditions, or what was entered with what is wrong with it. */
export function readConditionsForm(
  sent: Readonly<Record<string, string>>,
): { conditions: Conditions } | { entered: Entered } {
  const numbers = fields.map(({ name }) => [name, sent[name]?.trim() ? Number(sent[name]) : undefined]);
  const troubles = troubleNames.filter((name) => sent[`trouble-${name}`] !== undefined);
  const parsed = conditionsSchema.safeParse({ ...Object.fromEntries(numbers), troubles });
  if (parsed.success) return { conditions: parsed.data };
  const problems = parsed.error.issues.map(({ path, message }) => {
    const name = String(path.at(-1));
    return [name, expected[name] ?? message];
  });
  return { entered: { values: sent, problems: Object.fromEntries(problems) } };
}
