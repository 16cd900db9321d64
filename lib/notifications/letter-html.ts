/**
 * A letter as HTML that mail programs show: no script, no image, no style sheet of others, colours for light and dark, and
 * every name as text. Pure.
 */
import type { Block, Entry, Letter } from './letter.ts';
import { FOOTER, isSaid } from './letter-text.ts';

const STYLE = `
:root { color-scheme: light dark; }
body { margin: 0; padding: 24px 16px; background: #ffffff; color: #242424; font: 15px/1.5 "Segoe UI", Arial, sans-serif; }
main { max-width: 640px; margin: 0 auto; overflow-wrap: anywhere; }
h1 { margin: 0 0 16px; font-size: 20px; line-height: 1.3; }
h2 { margin: 24px 0 8px; font-size: 16px; }
p { margin: 0 0 8px; }
ul { margin: 0 0 16px; padding: 0; list-style: none; }
li { margin: 0; padding: 8px 0; border-top: 1px solid #d1d1d1; }
a { color: #0f548c; }
.button { display: inline-block; margin: 24px 0; padding: 8px 16px; border: 1px solid #0f548c; border-radius: 4px;
  background: #0f548c; color: #ffffff; font-weight: 600; text-decoration: none; }
.time { white-space: nowrap; }
.note, footer { color: #616161; }
.note { display: block; }
@media (prefers-color-scheme: dark) {
  body { background: #1f1f1f; color: #ffffff; }
  li { border-color: #666666; }
  a { color: #96c6fa; }
  .button { background: #96c6fa; border-color: #96c6fa; color: #1f1f1f; }
  .note, footer { color: #d6d6d6; }
}`;

export function htmlOf({ subject, blocks, link }: Letter): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${escaped(subject)}</title><style>${STYLE}</style></head>
<body><main><h1>${escaped(subject)}</h1>
${blocks.filter(isSaid).map(blockOf).join('\n')}
<p><a class="button" href="${escaped(link.href)}">${escaped(link.label)}</a></p>
<footer>${escaped(FOOTER)}</footer></main></body></html>
`;
}

function blockOf(block: Block): string {
  if (block.kind === 'text') return block.lines.map((line) => `<p>${sentence(line)}</p>`).join('\n');
  return `<h2>${escaped(block.heading)}</h2>\n<ul>\n${block.entries.map(entryOf).join('\n')}\n</ul>`;
}

function entryOf({ name, href, lines, task }: Entry): string {
  const notes = lines.map((line) => `<span class="note">${sentence(line)}</span>`).join('');
  const link = task === undefined ? '' : `<a href="${escaped(task.href)}">${escaped(task.label)}</a>`;
  return `<li><a href="${escaped(href)}">${escaped(name)}</a>${notes}${link}</li>`;
}

/** A time is not broken where a line ends. */
function sentence(line: string): string {
  return escaped(line).replace(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, '<span class="time">$&</span>');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}
