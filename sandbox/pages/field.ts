/** Fields of forms: a control under its label, with a hint where one is needed and a sentence where it is wrong. */
import { html, type Markup } from './html.ts';

/** What was entered, by field; and what is wrong with it, a sentence by field. */
export interface Entered {
  readonly values: Readonly<Record<string, string>>;
  readonly problems: Readonly<Record<string, string>>;
}

export interface FieldText {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  /** class names of the field */
  readonly shown?: string;
}

/** `control` puts the attributes that it is given on itself. */
export function field(text: FieldText, { problems }: Entered, control: (own: Markup) => Markup): Markup {
  const { name, label, hint, shown } = text;
  const problem = problems[name];
  const described = [hint !== undefined && `h-${name}`, problem !== undefined && `e-${name}`].filter(Boolean).join(' ');
  return html`<div${shown !== undefined && html` class="${shown}"`}><label for="f-${name}">${label}</label>
${hint !== undefined && html`<small id="h-${name}">${hint}</small>`}${
  problem !== undefined && html`<small id="e-${name}" class="wrong">${problem}</small>`
}${control(
  html`id="f-${name}" name="${name}"${described !== '' && html` aria-describedby="${described}"`}${
    problem !== undefined && html` aria-invalid="true"`
  }`,
)}</div>`;
}

/** A line of text or a number; `more` are further attributes. */
export function input(text: FieldText, entered: Entered, more: Markup = html``): Markup {
  return field(text, entered, (own) => html`<input ${own} value="${entered.values[text.name] ?? ''}" ${more}>`);
}

export function select(
  text: FieldText,
  entered: Entered,
  options: readonly { readonly value: string; readonly name: string }[],
): Markup {
  const chosen = entered.values[text.name];
  return field(
    text,
    entered,
    (own) =>
      html`<select ${own}>${options.map(
        ({ value, name }) => html`<option value="${value}"${value === chosen && html` selected`}>${name}</option>`,
      )}</select>`,
  );
}

/** What was not done, and which fields are in the way. Nothing where nothing is wrong. */
export function problemSummary(sentence: string, fields: readonly FieldText[], { problems }: Entered): Markup | null {
  const wrong = fields.filter(({ name }) => problems[name] !== undefined);
  if (wrong.length === 0) return null;
  return html`<div class="problem" role="alert"><p>${sentence}</p><ul>${wrong.map(
    ({ name, label }) => html`<li><a href="#f-${name}">${label}</a>: ${problems[name]}</li>`,
  )}</ul></div>`;
}
