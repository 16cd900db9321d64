'use client';

import * as text from '#components/text/text.ts';
import type { PartProps } from './commands.ts';
import { useSectionStyles } from './section-styles.ts';
import { UrlCommands } from './url-commands.tsx';

const words = text.notifications;

/** The monitor that is told that all is well. */
export function HeartbeatPart({ connectorId, settings, commands, onSaid }: PartProps) {
  const styles = useSectionStyles();
  const { heartbeatHost } = settings;
  return (
    <div>
      <h3 className={styles.heading}>{words.heartbeat}</h3>
      <p className={styles.paragraph}>
        {heartbeatHost === null ? (
          words.noHeartbeat
        ) : (
          <>
            {words.heartbeatTo} <strong>{heartbeatHost}</strong>.
          </>
        )}
      </p>
      {commands === null ? null : (
        <UrlCommands
          words={{
            set: heartbeatHost === null ? words.setHeartbeat : words.changeHeartbeat,
            title: words.heartbeatTitle,
            body: words.heartbeatBody,
            done: words.heartbeatSet,
            remove: words.removeHeartbeat,
            removeTitle: words.removeHeartbeatTitle,
            removeBody: words.removeHeartbeatBody,
            removed: words.heartbeatRemoved,
          }}
          host={heartbeatHost}
          mark={settings.heartbeatMark}
          allowedHosts={settings.allowedHosts}
          set={(url, seen) => commands.setHeartbeat({ connectorId, url, seen })}
          onSaid={onSaid}
        />
      )}
    </div>
  );
}
