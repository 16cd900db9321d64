/** Which mailboxes the portal may open: all of the organization, or those that Exchange limits it to. */
import { parseAddress } from '../../mapping/mailbox-address.ts';
import type { ConsentMode } from '../../microsoft/prove-consent.ts';
import { type Actor, authorize } from '../../security/actor.ts';
import { NO_DRAFT, type NoDraft } from './draft.ts';
import type { SetUpParts } from './parts.ts';
import * as store from './store.ts';

export interface ChosenMailboxes {
  readonly mode: ConsentMode;
  /** addresses as somebody typed them; '' for none yet */
  readonly inside: string;
  readonly outside: string;
}

export type ChooseMailboxesResult =
  | { readonly kind: 'chosen' }
  | { readonly kind: 'not_an_address'; readonly field: 'inside' | 'outside' }
  | NoDraft;

/** Writes the choice down. Another one than before is not proven. @throws NotAllowed */
export async function chooseMailboxes(
  parts: SetUpParts,
  actor: Actor,
  input: ChosenMailboxes & { readonly draftId: string },
): Promise<ChooseMailboxesResult> {
  authorize(actor, 'connectors.manage');
  const { draftId, mode } = input;
  const { prisma } = parts.database;
  const draft = await store.readDraft(prisma, actor.organizationId, draftId);
  if (draft === null) return NO_DRAFT;
  const chosen = { consentMode: mode, insideMailbox: draft.consent.inside, outsideMailbox: draft.consent.outside };
  if (mode === 'chosen') {
    const [inside, outside] = [addressOf(input.inside), addressOf(input.outside)];
    if (inside === undefined) return { kind: 'not_an_address', field: 'inside' };
    if (outside === undefined) return { kind: 'not_an_address', field: 'outside' };
    chosen.insideMailbox = inside;
    chosen.outsideMailbox = outside;
  }
  const { consent } = draft;
  const isSame =
    consent.mode === mode && consent.inside === chosen.insideMailbox && consent.outside === chosen.outsideMailbox;
  if (isSame) return { kind: 'chosen' };
  const kept = await store.updateDraft(prisma, actor.organizationId, draftId, { ...chosen, consentProvenAt: null });
  return kept ? { kind: 'chosen' } : NO_DRAFT;
}

/** null: none; undefined: not an address */
function addressOf(text: string): string | null | undefined {
  if (text.trim() === '') return null;
  const parsed = parseAddress(text);
  return parsed.ok ? parsed.address : undefined;
}
