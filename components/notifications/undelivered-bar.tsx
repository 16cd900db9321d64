'use client';

import { MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { Undelivered } from '#lib/notifications/undelivered.ts';
import { useSectionStyles } from './section-styles.ts';

const words = text.notifications;

/** That notices do not get through: said here, because a mail about it would not arrive either. Nothing where they do. */
export function UndeliveredBar({ undelivered }: { readonly undelivered: readonly Undelivered[] }) {
  const styles = useSectionStyles();
  if (undelivered.length === 0) return null;
  return (
    <MessageBar intent="error" layout="multiline" className={styles.bar}>
      <MessageBarBody>
        <MessageBarTitle>{words.undeliveredTitle}</MessageBarTitle>
        {undelivered.map(({ channel, count, since, answer }) => (
          <p key={channel} className={styles.paragraph}>
            {words.undelivered[channel](count)} <Time value={since} />.{' '}
            {answer === null ? null : words.serverSaid(answer)}
          </p>
        ))}
        <p className={styles.paragraph}>{words.undeliveredGoesOn}</p>
      </MessageBarBody>
    </MessageBar>
  );
}
