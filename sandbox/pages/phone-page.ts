/** What one phone said lately, as the site lists it. */
import type { ArchivedItem, AttachmentEntry, Party } from '../phones/item.ts';
import type { DeviceDesk } from '../telemessage/devices.ts';
import type { Person, Tenant } from '../world/people.ts';
import { archiverLinks, kindName } from './archivers.ts';
import { html, type Markup } from './html.ts';
import { page } from './layout.ts';
import { shownInline } from './message-page.ts';
import { bytes, utc } from './wording.ts';

const SHOWN = 40;

export interface ShownPhone {
  readonly tenant: Tenant;
  readonly person: Person;
  readonly mobile: string;
  /** id of the archiver */
  readonly kind: string;
  /** ids of the archivers that can be chosen */
  readonly kinds: readonly string[];
}

export function phonePath(mobile: string, kind: string): string {
  return `/telemessage/phones/${encodeURIComponent(mobile)}?kind=${encodeURIComponent(kind)}`;
}

export async function phonePage(devices: DeviceDesk, shown: ShownPhone): Promise<string> {
  const { tenant, person, mobile, kind, kinds } = shown;
  const items = await devices.latestOf(tenant.id, kind, mobile, SHOWN);
  const attachments = (id: string): string =>
    `/telemessage/phones/${encodeURIComponent(mobile)}/attachments/${encodeURIComponent(id)}?kind=${encodeURIComponent(kind)}`;
  return page({
    title: `Phone of ${person.displayName}`,
    area: '/telemessage',
    trail: [{ path: '/telemessage', name: 'TeleMessage' }],
    content: [
      html`<p class="quiet">${mobile}, ${person.telemessageStatus}. ${kindName(kind)}, latest first.</p>`,
      archiverLinks(kinds, kind, 'Archivers of this phone', (one) => phonePath(mobile, one)),
      items.length === 0
        ? html`<p>This phone has delivered nothing lately.</p>`
        : html`<ol class="talk">${items.map((item) => utterance(item, attachments))}</ol>`,
    ],
  });
}

function utterance(item: ArchivedItem, pathOf: (attachment: string) => string): Markup {
  const others = item.direction === 'outgoing' ? item.recipients : [item.sender];
  return html`<li class="${item.direction}"><small>${item.direction === 'outgoing' ? 'To' : 'From'}
${others.map((one, at) => [at > 0 && ', ', name(one)])}${item.groupName !== null && ` in ${item.groupName}`},
<time datetime="${item.archivedTime}">${utc(item.archivedTime)}</time>, ${item.type}</small>
${item.text !== null && html`<p class="said" dir="auto">${item.text}</p>`}
${item.call !== null && html`<p class="said">Call ${item.call.status}, ${Math.round(item.call.durationMs / 1_000)} s</p>`}
${item.attachments.map((one) => attachment(one, pathOf(one.id)))}</li>`;
}

function attachment(one: AttachmentEntry, path: string): Markup {
  const kind = shownInline(one.contentType);
  return html`<div class="sent">
${kind === 'image' && html`<img src="${path}" alt="${one.name}" loading="lazy">`}
${kind === 'audio' && html`<audio controls preload="none" src="${path}" aria-label="${one.name}"></audio>`}
${kind === 'video' && html`<video controls preload="none" src="${path}" aria-label="${one.name}"></video>`}
<small><a href="${path}&amp;download" download="${one.name}">${one.name}</a> ${one.contentType}, ${bytes(one.size)}</small></div>`;
}

function name(one: Party): string {
  return one.name === null ? one.mobile : `${one.name} (${one.mobile})`;
}
