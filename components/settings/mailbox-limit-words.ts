/** What the setting *Which mailboxes* and its change have in common. */
import * as text from '#components/text/text.ts';
import type {
  LookResult,
  MailboxLimit,
  NewMailboxLimit,
  SetMailboxLimitResult,
} from '#lib/connectors/mailbox-limit.ts';
import type { TooManyRequests } from '#lib/limits/limits.ts';
import type { ScopedApplication } from '#lib/microsoft/exchange-commands.ts';
import type { ConsentMode } from '#lib/microsoft/prove-consent.ts';

const words = text.settings.mailboxes;

export interface MailboxLimitCommands {
  readonly application: Pick<ScopedApplication, 'clientId' | 'cloud'>;
  readonly look: (connectorId: string, mode: ConsentMode) => Promise<LookResult | null>;
  readonly set: (
    choice: NewMailboxLimit & { readonly seen: MailboxLimit },
  ) => Promise<SetMailboxLimitResult | TooManyRequests>;
}

/** What is in force. */
export function sentenceOf({ mode, inside, outside }: MailboxLimit): string {
  return mode === 'all' ? words.all : words.chosen(inside, outside);
}
