/** Mails and webhooks that the portal sent, as whoever gets them would see them. */
import type { KeptCall, KeptMail, Outside } from '../outside/outside.ts';
import { html, type Markup } from './html.ts';
import { facts, page } from './layout.ts';
import { counted, utc } from './wording.ts';

export function outsidePage(outside: Outside): string {
  const [mails, calls] = [outside.mails(), outside.calls()];
  return page({
    title: 'Sent mail',
    area: '/sent',
    content: html`<p>What the portal sent to people and to other systems. Nothing of it left this machine.</p>
<section aria-labelledby="mails"><h2 id="mails">${counted(mails.length, 'mail')}</h2>
${mails.length === 0 ? html`<p class="quiet">None yet. Name an address on a connector’s Settings tab.</p>` : mails.map(mailOf)}</section>
<section aria-labelledby="calls"><h2 id="calls">${counted(calls.length, 'webhook or heartbeat', 'webhooks and heartbeats')}</h2>
${calls.length === 0 ? html`<p class="quiet">None yet.</p>` : calls.map(callOf)}</section>`,
  });
}

function mailOf(mail: KeptMail): Markup {
  return html`<article class="card" aria-labelledby="m-${mail.number}">
<h3 id="m-${mail.number}">${mail.subject}</h3>
${facts([
  ['To', mail.to.join(', ')],
  ['From', mail.from],
  ['At', utc(mail.at.getTime())],
])}
<pre class="mail" tabindex="0" aria-label="Text of the mail">${mail.text}</pre>
${mail.html !== null && html`<details><summary>As HTML</summary><iframe class="body" title="HTML of the mail" sandbox="" loading="lazy" src="/sent/mails/${mail.number}/html"></iframe></details>`}
${headersOf(mail.headers)}
</article>`;
}

function callOf(call: KeptCall): Markup {
  return html`<article class="card" aria-labelledby="c-${call.number}">
<h3 id="c-${call.number}">${call.method} ${call.path}</h3>
${facts([['At', utc(call.at.getTime())]])}
${call.body !== '' && html`<pre class="mail" tabindex="0" aria-label="Body of the request">${call.body}</pre>`}
${headersOf(call.headers)}
</article>`;
}

function headersOf(headers: KeptMail['headers']): Markup {
  return html`<details><summary>Headers</summary>${facts(headers.map(([name, value]) => [name, html`<code>${value}</code>`]))}</details>`;
}

/** What a mail program would show of a mail; undefined where there is no HTML of this number. */
export function mailDocument(outside: Outside, number: number): string | undefined {
  return outside.mails().find((mail) => mail.number === number)?.html ?? undefined;
}
