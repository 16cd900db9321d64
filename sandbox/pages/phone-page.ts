/** What one phone said lately, as the site lists it. */
import type { ArchivedItem, Party } from '../phones/item.ts';
import { findArchiverKind } from '../phones/kinds.ts';
import { latestOf } from '../telemessage/devices.ts';
import type { TelemessageSite } from '../telemessage/site.ts';
import type { Person, Tenant } from '../world/people.ts';
import { html, type Markup } from './html.ts';
import { page } from './layout.ts';
import { bytes, utc } from './wording.ts';

const SHOWN = 40;

export function phonePage(
  site: TelemessageSite,
  tenant: Tenant,
  person: Person,
  mobile: string,
  kindId: string,
): string {
  const items = latestOf(site, tenant.id, kindId, mobile, SHOWN);
  return page({
    title: `Phone of ${person.displayName}`,
    area: '/telemessage',
    trail: [{ path: '/telemessage', name: 'TeleMessage' }],
    content: [
      html`<p class="quiet">${mobile}, ${person.telemessageStatus}. ${findArchiverKind(kindId)?.name ?? kindId}, latest first.</p>`,
      items.length === 0
        ? html`<p>This phone has delivered nothing lately.</p>`
        : html`<ol class="talk">${items.map(utterance)}</ol>`,
    ],
  });
}

function utterance(item: ArchivedItem): Markup {
  const others = item.direction === 'outgoing' ? item.recipients : [item.sender];
  return html`<li class="${item.direction}"><small>${item.direction === 'outgoing' ? 'To' : 'From'}
${others.map((one, at) => [at > 0 && ', ', name(one)])}${item.groupName !== null && ` in ${item.groupName}`},
<time datetime="${item.archivedTime}">${utc(item.archivedTime)}</time>, ${item.type}</small>
${item.text !== null && html`<p class="said" dir="auto">${item.text}</p>`}
${item.call !== null && html`<p class="said">Call ${item.call.status}, ${Math.round(item.call.durationMs / 1_000)} s</p>`}
${item.attachments.map((one) => html`<small>${one.name}, ${one.contentType}, ${bytes(one.size)}</small>`)}</li>`;
}

function name(one: Party): string {
  return one.name === null ? one.mobile : `${one.name} (${one.mobile})`;
}
