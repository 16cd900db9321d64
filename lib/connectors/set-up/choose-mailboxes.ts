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

export interface NotAnAddress {
  readonly kind: 'not_an_address';
  readonly field: 'inside' | 'outside';
}

export type ChooseMailboxesResult = { readonly kind: 'chosen' } | NotAnAddress | NoDraft;

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
    const addresses = chosenAddresses(input);
    if ('kind' in addresses) return addresses;
    chosen.insideMailbox = addresses.inside;
    chosen.outsideMailbox = addresses.outside;
  }
  const { consent } = draft;
  const isSame =
    consent.mode === mode && consent.inside === chosen.insideMailbox && consent.outside === chosen.outsideMailbox;
  if (isSame) return { kind: 'chosen' };
  const kept = await store.updateDraft(prisma, actor.organizationId, draftId, { ...chosen, consentProvenAt: null });
  return kept ? { kind: 'chosen' } : NO_DRAFT;
}

/** The two addresses as they are written down, null where none was typed. */
export function chosenAddresses(
  typed: Pick<ChosenMailboxes, 'inside' | 'outside'>,
): { readonly inside: string | null; readonly outside: string | null } | NotAnAddress {
  const [inside, outside] = [addressOf(typed.inside), addressOf(typed.outside)];
  if (inside === undefined) return { kind: 'not_an_address', field: 'inside' };
  if (outside === undefined) return { kind: 'not_an_address', field: 'outside' };
  return { inside, outside };
}

/** null: none; undefined: not an address */
function addressOf(text: string): string | null | undefined {
  if (text.trim() === '') return null;
  const parsed = parseAddress(text);
  return parsed.ok ? parsed.address : undefined;
}
