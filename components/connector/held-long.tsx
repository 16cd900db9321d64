'use client';

import { MessageBar, MessageBarBody } from '@fluentui/react-components';
import { TextLink } from '#components/frame/text-link.tsx';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { HeldLong as Held } from '#lib/imports/held.ts';

interface HeldLongProps {
  /** null: nothing is kept for so long, and nothing is said */
  readonly held: Held | null;
  /** the page on which something can be done about it; null: this is the page */
  readonly href: string | null;
}

/** What has been in no mailbox for seven days or longer, since nothing but a person ends that. */
export function HeldLong({ held, href }: HeldLongProps) {
  if (held === null) return null;
  const words = text.undone.held;
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody>
        {words.count(held.count)} {words.oldest} <Time value={held.oldest} />. {words.kept}{' '}
        {href === null ? null : <TextLink href={href}>{words.show}</TextLink>}
      </MessageBarBody>
    </MessageBar>
  );
}
