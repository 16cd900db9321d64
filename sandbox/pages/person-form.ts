/** The form that adds or changes somebody. A refusal stands beside its field, and every value is kept. */
import { mailboxKinds, telemessageStatuses } from '../world/people.ts';
import type { Fields } from './forms.ts';
import { type Content, html, type Markup } from './html.ts';
import { roleGroups } from './person-fields.ts';
import { mailboxMeanings } from './wording.ts';

export interface PersonForm {
  readonly action: string;
  readonly button: string;
  readonly fields: Fields;
  /** sentences by field */
  readonly problems: ReadonlyMap<string, string>;
  /** somebody new: what is left empty follows from the name */
  readonly isNew: boolean;
}

export function personForm(form: PersonForm): Markup {
  const { fields, isNew } = form;
  const text = (name: string, label: string, hint: Content, more: Content = '') =>
    field(form, name, label, hint, (own) => html`<input ${own} value="${fields[name] ?? ''}"${more}>`);
  const choice = (name: string, label: string, options: readonly (readonly [value: string, label: string])[]) =>
    field(
      form,
      name,
      label,
      null,
      (own) =>
        html`<select ${own}>${options.map(
          ([value, meaning]) =>
            html`<option value="${value}"${value === fields[name] && html` selected`}>${meaning}</option>`,
        )}</select>`,
    );

  return html`${summary(form.problems)}<form method="post" action="${form.action}" class="panel">
<fieldset><legend>Person</legend><div class="fields">
${text('givenName', 'Given name', null, html` required`)}
${text('surname', 'Surname', null, html` required`)}
${text('displayName', 'Display name', isNew && 'Empty: given name and surname', !isNew && html` required`)}
${text('userPrincipalName', 'Sign-in name', isNew && 'Empty: after the name', !isNew && html` required`)}
${choice('userType', 'User type', [
  ['Member', 'Member'],
  ['Guest', 'Guest'],
])}
</div>${checkbox(fields, 'accountEnabled', 'Account enabled: may sign in')}</fieldset>
<fieldset><legend>Mailbox</legend><div class="wide">
${field(
  form,
  'addresses',
  'Addresses',
  isNew ? 'One a line, the primary one first. Empty: the sign-in name' : 'One a line, the primary one first',
  (own) =>
    html`<textarea ${own} rows="${Math.max(3, (fields.addresses ?? '').split('\n').length + 1)}">\n${fields.addresses ?? ''}</textarea>`,
)}</div>
<div class="fields">
${choice(
  'mailbox',
  'Mailbox',
  mailboxKinds.map((kind) => [kind, mailboxMeanings[kind]]),
)}
${text('messageMegabytes', 'Largest message, MB', 'Empty: the service’s own limit', html` inputmode="decimal"`)}
</div></fieldset>
${roleGroups.map(
  ({ property, legend, roles }) => html`<fieldset><legend>${legend}</legend><div class="checks">
${roles.map((role) => checkbox(fields, `${property}.${role}`, role))}</div></fieldset>`,
)}
<fieldset><legend>Phone at TeleMessage</legend><div class="fields">
${text('mobile', 'Mobile number', 'As +12125550101. Empty: no phone', html` inputmode="tel"`)}
${text('telemessageEmail', 'User’s email address', isNew ? 'Empty: the primary address' : 'Empty: none')}
${choice(
  'telemessageStatus',
  'Status',
  telemessageStatuses.map((one) => [one, one]),
)}
</div></fieldset>
<button class="primary">${form.button}</button>
</form>`;
}

/** Says at the top what is wrong, with a way to each field. */
function summary(problems: ReadonlyMap<string, string>): Content {
  if (problems.size === 0) return null;
  return html`<div class="problem" role="alert"><p>Nothing was changed.</p><ul>${[...problems].map(
    ([name, sentence]) => html`<li><a href="#f-${name}">${sentence}</a></li>`,
  )}</ul></div>`;
}

/** A control under its label. `control` puts the attributes that it is given on itself. */
function field(form: PersonForm, name: string, label: string, hint: Content, control: (own: Markup) => Markup): Markup {
  const problem = form.problems.get(name);
  const described = [hint && `h-${name}`, problem !== undefined && `p-${name}`].filter(Boolean).join(' ');
  const own = html`id="f-${name}" name="${name}"${described !== '' && html` aria-describedby="${described}"`}${
    problem !== undefined && html` aria-invalid="true"`
  }`;
  return html`<div><label for="f-${name}">${label}</label>
${hint && html`<small id="h-${name}">${hint}</small>`}${problem !== undefined && html`<small id="p-${name}" class="wrong">${problem}</small>`}${control(own)}</div>`;
}

export function checkbox(fields: Fields, name: string, label: Content): Markup {
  return html`<label class="check"><input type="checkbox" name="${name}"${fields[name] === 'on' && html` checked`}>
<span>${label}</span></label>`;
}
