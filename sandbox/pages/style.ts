import { faultKinds } from '../control/fault.ts';

/** The one stylesheet of the pages. Colours are pairs for light and dark, all of them readable at WCAG AA. */
export const stylesheet = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f6f5f2, #16181b);
  --surface: light-dark(#ffffff, #1f2226);
  --raised: light-dark(#efeeea, #2a2e33);
  --line: light-dark(#d9d6cf, #3a3f45);
  --text: light-dark(#1d2226, #eceae6);
  --quiet: light-dark(#575d63, #a9afb5);
  --link: light-dark(#0b5a7d, #7cc4ea);
  --accent: light-dark(#0b5a7d, #2f7ea3);
  --on-accent: #ffffff;
  --warn: light-dark(#ffe3a3, #4d3b0c);
  --on-warn: light-dark(#3b2a00, #ffe3a3);
  --bad: light-dark(#a3261b, #ff9d92);
  font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
*, *::before, *::after { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); overflow-wrap: anywhere; }
a { color: var(--link); text-underline-offset: .15em; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: .5rem; background: var(--surface); padding: .5rem 1rem; z-index: 1; }
.bar { margin: 0; max-width: none; padding: .4rem 1rem; background: var(--warn); color: var(--on-warn); font-weight: 600; font-size: .9rem; text-align: center; }
header { background: var(--surface); border-bottom: 1px solid var(--line); }
header nav { max-width: 76rem; margin: auto; padding: 0 .5rem; display: flex; flex-wrap: wrap; }
header nav a { padding: .75rem .75rem .6rem; color: var(--text); text-decoration: none; border-bottom: 3px solid transparent; }
header nav a:hover { background: var(--raised); }
header nav a[aria-current] { border-color: var(--accent); font-weight: 600; }
main { max-width: 76rem; margin: auto; padding: 1rem 1rem 4rem; }
h1 { font-size: clamp(1.4rem, 4vw, 1.9rem); line-height: 1.2; margin: .75rem 0 .5rem; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 .5rem; }
h3 { font-size: 1rem; margin: 0 0 .25rem; }
p { max-width: 46rem; }
.quiet, caption, dt, small { color: var(--quiet); }
.trail { font-size: .9rem; }
.trail a:not(:last-child)::after { content: "›"; padding: 0 .4rem; display: inline-block; color: var(--quiet); }
code { font-family: ui-monospace, "Cascadia Mono", Menlo, monospace; font-size: .9em; background: var(--raised); padding: .1em .35em; border-radius: 4px; user-select: all; }
.cards { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); padding: 0; list-style: none; }
.card, .panel { background: var(--surface); border: 1px solid var(--line); border-radius: 8px; padding: 1rem; }
.card h2, .card p { margin: 0; }
.card h2 { font-size: 1.1rem; }
.tag { display: inline-block; border: 1px solid var(--line); border-radius: 99px; padding: 0 .6em; font-size: .85rem; background: var(--raised); margin: .1rem .2rem .1rem 0; }
.tag.bad { color: var(--bad); border-color: currentColor; background: none; }
table { width: 100%; border-collapse: collapse; background: var(--surface); border: 1px solid var(--line); border-radius: 8px; margin: .5rem 0 1rem; }
caption { text-align: left; padding: .25rem 0; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .75rem; border-top: 1px solid var(--line); overflow-wrap: break-word; }
thead th { font-size: .85rem; color: var(--quiet); font-weight: 600; border: 0; }
tbody th { font-weight: 600; }
tbody small { font-weight: 400; }
tbody tr:hover { background: var(--raised); }
.figures { text-align: right; font-variant-numeric: tabular-nums; }
td form, .inline { display: inline; }
.facts { display: grid; gap: .35rem 1.5rem; margin: .75rem 0; }
.facts > div { display: grid; grid-template-columns: 9rem 1fr; gap: .5rem; }
dd { margin: 0; }
button, .button { font: inherit; padding: .4rem .9rem; border: 1px solid var(--line); border-radius: 6px; background: var(--surface); color: var(--text); cursor: pointer; overflow-wrap: normal; }
.whole { white-space: nowrap; }
button:hover { background: var(--raised); }
button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }
button.primary:hover { filter: brightness(1.1); }
.button { display: inline-block; text-decoration: none; }
.button:hover { background: var(--raised); }
.button[aria-current] { border-color: var(--accent); font-weight: 600; }
.actions { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0; }
input, select, textarea { font: inherit; font-weight: 400; padding: .4rem .5rem; border: 1px solid var(--quiet); border-radius: 6px; background: var(--surface); color: var(--text); width: 100%; }
label { display: block; font-weight: 600; font-size: .9rem; }
textarea { display: block; resize: vertical; }
[aria-invalid] { border-color: var(--bad); outline: 1px solid var(--bad); }
.wrong { color: var(--bad); font-weight: 600; }
.wide { max-width: 32rem; margin-bottom: 1rem; }
.saved { border-left: 4px solid var(--accent); background: var(--surface); padding: .75rem 1rem; }
.checks { display: grid; gap: 0 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 14rem), 1fr)); margin-bottom: .75rem; }
.check { display: flex; gap: .6rem; align-items: baseline; font-weight: 400; padding: .25rem 0; }
.check input { width: auto; flex: none; }
fieldset > .check { margin-bottom: .5rem; }
.fields small { display: block; }
.fields { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); align-items: end; margin-bottom: 1rem; }
fieldset { border: 1px solid var(--line); border-radius: 8px; margin: 0 0 1rem; padding: .75rem 1rem 0; }
legend { font-weight: 600; padding: 0 .4rem; }
.problem { margin: 0 0 1rem; border-left: 4px solid var(--bad); background: var(--surface); padding: .75rem 1rem; }
.problem p, .problem ul { margin: 0; }
div.problem { margin-bottom: 1rem; }
.wrong { color: var(--bad); font-weight: 600; }
[aria-invalid] { border-color: var(--bad); outline: 1px solid var(--bad); }
.buttons, .row, .choices { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
.row + .row { margin-top: .35rem; }
.row select { width: auto; min-width: 0; }
.choices, .checks { list-style: none; margin: .5rem 0 1rem; padding: 0; }
.checks { display: grid; gap: .35rem; }
.checks label { font-weight: 400; display: flex; gap: .6rem; align-items: baseline; }
.checks input { width: auto; flex: none; }
@supports selector(:has(*)) {
  .only { display: none; }
  ${faultKinds.map((kind) => `form:has(option[value="${kind}"]:checked) .for-${kind}`).join(', ')} { display: block; }
}
.mailbox { display: grid; gap: 1.5rem; grid-template-columns: minmax(12rem, 16rem) minmax(0, 1fr); align-items: start; }
.folders ul { list-style: none; margin: 0; padding: 0; }
.folders ul ul { padding-left: 1rem; }
.folders a { display: flex; justify-content: space-between; gap: .5rem; padding: .35rem .6rem; border-radius: 6px; text-decoration: none; color: var(--text); }
.folders a:hover { background: var(--raised); }
.folders a[aria-current] { background: var(--raised); font-weight: 600; box-shadow: inset 3px 0 var(--accent); }
.messages { list-style: none; margin: 0; padding: 0; background: var(--surface); border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
.messages li + li { border-top: 1px solid var(--line); }
.messages a { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 1rem; padding: .6rem .9rem; text-decoration: none; color: var(--text); }
.messages a:hover { background: var(--raised); }
.messages a:focus-visible { outline-offset: -3px; }
.messages .subject { font-weight: 600; }
.messages .unread { border-left: 4px solid var(--accent); padding-left: .5rem; }
.messages .parties { grid-column: 1 / -1; color: var(--quiet); font-size: .9rem; }
.messages time, .messages .flags { color: var(--quiet); font-size: .85rem; }
.pager { display: flex; justify-content: space-between; gap: 1rem; margin: 1rem 0; }
.body { white-space: pre-wrap; background: var(--surface); border: 1px solid var(--line); border-radius: 8px; padding: 1rem; margin: 1rem 0; font: inherit; max-width: 60rem; }
pre.mail { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; margin: .75rem 0 0; }
article.card { margin-bottom: 1rem; }
article.card h3 { margin: 0 0 .5rem; overflow-wrap: anywhere; }
article.card code { overflow-wrap: anywhere; }
iframe.body { display: block; width: 100%; height: 26rem; resize: vertical; padding: 0; background: #fff; }
.attachments { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 18rem), 1fr)); padding: 0; list-style: none; }
.attachments img, .attachments audio, .attachments video { display: block; width: 100%; height: auto; margin-bottom: .5rem; border-radius: 4px; }
.attachments audio { height: 2.75rem; }
details { margin: 1rem 0; }
summary { cursor: pointer; font-weight: 600; padding: .35rem 0; }
.talk { list-style: none; padding: 0; max-width: 46rem; display: grid; gap: .5rem; }
.talk li { background: var(--surface); border: 1px solid var(--line); border-radius: 12px 12px 12px 2px; padding: .5rem .8rem; margin-right: 15%; }
.talk li.outgoing { margin: 0 0 0 15%; border-radius: 12px 12px 2px 12px; background: var(--raised); }
.talk .said { white-space: pre-wrap; margin: .15rem 0 0; }
.talk .sent { margin-top: .35rem; }
.talk .sent img, .talk .sent audio, .talk .sent video { display: block; width: 100%; max-width: 20rem; height: auto; border-radius: 4px; }
.talk .sent audio { height: 2.75rem; }
@media (min-width: 48.01rem) {
  .row { flex-wrap: nowrap; }
}
@media (max-width: 80rem) {
  th, td { overflow-wrap: anywhere; }
}
@media (max-width: 48rem) {
  .mailbox { grid-template-columns: minmax(0, 1fr); }
  .facts > div { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .messages a { grid-template-columns: minmax(0, 1fr); }
  table, caption, tbody, tr, th, td { display: block; }
  thead { position: absolute; left: -200vw; }
  table { border: 0; background: none; }
  tbody tr { background: var(--surface); border: 1px solid var(--line); border-radius: 8px; margin-bottom: .75rem; padding: .5rem 0; }
  th, td { border: 0; padding: .2rem .9rem; overflow-wrap: anywhere; }
  td[data-label] { display: grid; grid-template-columns: 7rem minmax(0, 1fr); gap: .5rem; }
  td[data-label] > * { justify-self: start; }
  td[data-label]::before { content: attr(data-label); color: var(--quiet); font-size: .85rem; }
  .figures { text-align: left; }
}
@media (max-width: 30rem) {
  td[data-label] { grid-template-columns: minmax(0, 1fr); gap: 0; }
}
`;
