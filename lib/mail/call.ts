/** A call in words, a line a fact. */
import type { Item } from '#lib/archive/item.ts';
import { parseTime } from '#lib/archive/times.ts';
import { cleanLine } from './line.ts';
import { counterparts, displayName, type Parties } from './parties.ts';
import { readableDuration, readableTime } from './times.ts';

const PARTIES_SHOWN = 10;

/** Lines without a blank one among them. Empty for an item that is no call. */
export function callLines(item: Item, parties: Parties): string[] {
  if (item.type !== 'voiceCall' && item.type !== 'callLog') return [];
  const others = counterparts(item);
  const shown = others.slice(0, PARTIES_SHOWN).map((party) => displayName(party, parties.mailboxes.get(party.mobile)));
  if (others.length > shown.length) shown.push(`${others.length - shown.length} others`);
  const names =
    shown.length === 0 ? displayName(item.owner, parties.mailboxes.get(item.owner.mobile)) : shown.join(', ');
  const lines = [item.direction === 'incoming' ? `Incoming call from ${names}` : `Outgoing call to ${names}`];
  const { call } = item;
  if (!call) return lines;
  lines.push(`Outcome: ${outcome(call.status, item.direction)}`, `Start: ${timeOrText(call.startTime)}`);
  if (call.endTime) lines.push(`End: ${timeOrText(call.endTime)}`);
  lines.push(
    `Duration: ${call.durationMs >= 0 ? readableDuration(call.durationMs) : `unknown (${call.durationMs} ms)`}`,
  );
  return lines;
}

type Outcome = NonNullable<Item['call']>['status'];

function outcome(status: Outcome, direction: Item['direction']): string {
  if (status === 'voicemail') return 'went to voicemail';
  if (status === 'missed' && direction === 'outgoing') return 'not answered';
  return status;
}

/** What is no time is shown as the phone gave it. */
function timeOrText(text: string): string {
  const time = parseTime(text);
  return time === null ? cleanLine(text, 100) || 'unknown' : readableTime(new Date(time));
}
