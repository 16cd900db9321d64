/** The frame of every page: the bar that says what this is not, the navigation, the content. */
import { type Content, html, type Markup } from './html.ts';

const areas = [
  { path: '/', name: 'Home' },
  { path: '/directory', name: 'Directory' },
  { path: '/mailboxes', name: 'Mailboxes' },
  { path: '/telemessage', name: 'TeleMessage' },
  { path: '/sent', name: 'Sent mail' },
  { path: '/faults', name: 'Faults' },
] as const;

export interface PageParts {
  readonly title: string;
  /** path of the navigation entry that this page belongs to */
  readonly area: (typeof areas)[number]['path'];
  readonly content: Content;
  /** steps above the title, outermost first */
  readonly trail?: readonly { readonly path: string; readonly name: string }[];
}

export function page({ title, area, content, trail = [] }: PageParts): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Sandbox</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
<header>
<p class="bar" role="note">Sandbox: this is not Microsoft 365, nor TeleMessage.</p>
<nav aria-label="Sandbox">${areas.map(
    (one) => html`<a href="${one.path}"${one.path === area ? current : ''}>${one.name}</a>`,
  )}</nav>
</header>
<main id="content">
${
  trail.length > 0 &&
  html`<nav class="trail" aria-label="Where you are">${trail.map((step) => html`<a href="${step.path}">${step.name}</a>`)}</nav>`
}
<h1>${title}</h1>
${content}
</main>
</body>
</html>`.toString();
}

const current = html` aria-current="page"`;

/** A column of a table: its heading, and what stands in it for a row. */
export interface Column<Row> {
  readonly name: string;
  readonly cell: (row: Row) => Content;
  /** figures are aligned to the right */
  readonly figures?: boolean;
}

/** A table that becomes a list of cards on a narrow screen. The first column heads its row. */
export function table<Row>(caption: string, columns: readonly Column<Row>[], rows: readonly Row[]): Markup {
  return html`<table>
<caption>${caption}</caption>
<thead><tr>${columns.map((column) => html`<th scope="col"${figures(column)}>${column.name}</th>`)}</tr></thead>
<tbody>${rows.map(
    (row) =>
      html`<tr>${columns.map((column, at) =>
        at === 0
          ? html`<th scope="row">${column.cell(row)}</th>`
          : html`<td data-label="${column.name}"${figures(column)}>${column.cell(row)}</td>`,
      )}</tr>`,
  )}</tbody>
</table>`;
}

function figures(column: { readonly figures?: boolean }): Content {
  return column.figures === true && html` class="figures"`;
}

/** Terms with their values. */
export function facts(list: readonly (readonly [term: string, value: Content])[]): Markup {
  return html`<dl class="facts">${list.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`;
}
