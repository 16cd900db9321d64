'use client';

import { Text } from '@fluentui/react-components';
import { useState } from 'react';
import * as text from '#components/text/text.ts';
import type { NotificationsProps } from './commands.ts';
import { HeartbeatPart } from './heartbeat-part.tsx';
import { LatestNotices } from './latest-notices.tsx';
import { MailPart } from './mail-part.tsx';
import { useSectionStyles } from './section-styles.ts';
import { TestNotices } from './test-notices.tsx';
import { UndeliveredBar } from './undelivered-bar.tsx';
import { WebhookPart } from './webhook-part.tsx';

/** Who is told of a connector, how, and what came of it. */
export function Notifications(props: NotificationsProps) {
  const { connectorId, settings, commands } = props;
  const styles = useSectionStyles();
  const [said, setSaid] = useState('');
  return (
    <div className={styles.page}>
      <p className={styles.muted}>{text.notifications.about}</p>
      <UndeliveredBar undelivered={settings.undelivered} />
      <MailPart {...props} onSaid={setSaid} />
      <WebhookPart {...props} onSaid={setSaid} />
      <HeartbeatPart {...props} onSaid={setSaid} />
      <Text role="status">{said}</Text>
      {commands === null ? null : (
        <TestNotices connectorId={connectorId} beats={settings.heartbeatHost !== null} test={commands.test} />
      )}
      <LatestNotices notices={settings.notices} />
    </div>
  );
}
