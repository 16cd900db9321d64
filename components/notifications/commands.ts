import type { TestResult } from '#lib/notifications/send-test.ts';
import type {
  NotificationSettings,
  SetNotices,
  SetNoticesResult,
  SetUrl,
  SetUrlResult,
} from '#lib/notifications/settings.ts';

/** What an administrator can do in the section. */
export interface NotificationCommands {
  readonly setNotices: (choice: Required<SetNotices>) => Promise<SetNoticesResult>;
  readonly setWebhook: (choice: Required<SetUrl>) => Promise<SetUrlResult>;
  readonly setHeartbeat: (choice: Required<SetUrl>) => Promise<SetUrlResult>;
  readonly test: (connectorId: string) => Promise<TestResult>;
}

export interface NotificationsProps {
  readonly connectorId: string;
  readonly settings: NotificationSettings;
  /** null for who may not */
  readonly commands: NotificationCommands | null;
}

/** A part of the section. */
export interface PartProps extends NotificationsProps {
  /** says what came of a command, where the section tells it */
  readonly onSaid: (sentence: string) => void;
}
