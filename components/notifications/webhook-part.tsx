'use client';

import { Button, MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components';
import { useState } from 'react';
import * as text from '#components/text/text.ts';
import type { PartProps } from './commands.ts';
import { useSectionStyles } from './section-styles.ts';
import { UrlCommands } from './url-commands.tsx';

const words = text.notifications;

/** Where notices are posted to, and the secret of it, once. */
export function WebhookPart({ connectorId, settings, commands, onSaid }: PartProps) {
  const styles = useSectionStyles();
  const [secret, setSecret] = useState<string | null>(null);
  const { webhookHost } = settings;
  return (
    <div>
      <h3 className={styles.heading}>{words.webhook}</h3>
      <p className={styles.paragraph}>
        {webhookHost === null ? (
          words.noWebhook
        ) : (
          <>
            {words.webhookTo} <strong>{webhookHost}</strong>.
          </>
        )}
      </p>
      {secret === null ? null : (
        <MessageBar intent="success" layout="multiline" role="status" className={styles.bar}>
          <MessageBarBody>
            <MessageBarTitle>{words.secretTitle}</MessageBarTitle>
            <code className={styles.secret}>{secret}</code>
            <p className={styles.paragraph}>{words.secretOnce}</p>
            <Button size="small" onClick={() => setSecret(null)}>
              {words.secretGone}
            </Button>
          </MessageBarBody>
        </MessageBar>
      )}
      {commands === null ? null : (
        <UrlCommands
          words={{
            set: webhookHost === null ? words.setWebhook : words.changeWebhook,
            title: words.webhookTitle,
            body: words.webhookBody,
            done: words.webhookSet,
            remove: words.removeWebhook,
            removeTitle: words.removeWebhookTitle,
            removeBody: words.removeWebhookBody,
            removed: words.webhookRemoved,
          }}
          host={webhookHost}
          mark={settings.webhookMark}
          allowedHosts={settings.allowedHosts}
          set={async (url, seen) => {
            const result = await commands.setWebhook({ connectorId, url, seen });
            if (result.kind === 'done') setSecret(result.secret);
            return result;
          }}
          onSaid={onSaid}
        />
      )}
    </div>
  );
}
