/** The channels of this process, from its environment. */
import { database } from '../db.ts';
import { env } from '../env.ts';
import { createMailer } from './mail.ts';
import type { NotificationParts } from './settings.ts';
import type { Channels } from './transmit.ts';
import { createWeb } from './web.ts';

const holder = globalThis as typeof globalThis & { notificationChannels?: Channels };

/** One a process. */
export function notificationChannels(): Channels {
  const settings = env();
  holder.notificationChannels ??= {
    mailer: createMailer(settings),
    web: createWeb({ hosts: settings.NOTIFICATION_HOSTS, privateHosts: settings.NOTIFICATION_PRIVATE_HOSTS }),
    portalUrl: settings.NEXTAUTH_URL,
    keyRing: settings.ENCRYPTION_KEYS,
  };
  return holder.notificationChannels;
}

/** What the portal's settings of notifications work with. */
export function notificationParts(): NotificationParts {
  const { NOTIFICATION_HOSTS: hosts, NOTIFICATION_PRIVATE_HOSTS: privateHosts } = env();
  return {
    ...notificationChannels(),
    pool: database().pool,
    now: () => new Date(),
    allowedHosts: [...hosts, ...privateHosts],
  };
}
