/** HTML by template literals. Every value is escaped unless it is markup that came from here. */

const marked: unique symbol = Symbol('markup');

/** Text that is safe to send as HTML. Only `html` makes it. */
export interface Markup {
  readonly [marked]: true;
  toString(): string;
}

export type Content = string | number | Markup | null | undefined | false | readonly Content[];

/** `html\`<p>${text}</p>\``: nothing, `null` and `false` give nothing, lists are joined. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  const text = parts.reduce((sum, part, at) => sum + rendered(values[at - 1]) + part);
  return { [marked]: true, toString: () => text };
}

function rendered(value: Content): string {
  if (value === null || value === undefined || value === false) return '';
  if (Array.isArray(value)) return value.map(rendered).join('');
  return isMarkup(value) ? value.toString() : escaped(String(value));
}

function isMarkup(value: Content): value is Markup {
  return typeof value === 'object' && value !== null && marked in value;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
