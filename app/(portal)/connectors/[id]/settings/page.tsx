import { Settings } from '#components/connector/settings.tsx';
import { fallbackMailbox } from '#lib/connectors/fallback-mailbox.ts';
import { approvalSetting } from '#lib/connectors/mapping/use-cases.ts';
import { database } from '#lib/db.ts';
import { notificationParts } from '#lib/notifications/composition.ts';
import { notificationSettings } from '#lib/notifications/settings.ts';
import { isAllowed } from '#lib/security/roles.ts';
import { setFallbackAction } from '../actions.ts';
import { openConnector } from '../connector.ts';
import { setApprovalAction } from '../mapping/actions.ts';
import { setHeartbeatAction, setNoticesAction, setWebhookAction, testNoticesAction } from './actions.ts';

const NOTIFICATION_COMMANDS = {
  setNotices: setNoticesAction,
  setWebhook: setWebhookAction,
  setHeartbeat: setHeartbeatAction,
  test: testNoticesAction,
};

export default async function SettingsPage({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  const { actor, row } = await openConnector((await params).id);
  const [mailbox, setting, settings] = await Promise.all([
    fallbackMailbox(database().pool, actor, row.id),
    approvalSetting({ database: database() }, actor),
    notificationSettings(notificationParts(), actor, row.id),
  ]);
  const set = isAllowed(actor.roles, 'connectors.manage') ? setFallbackAction : null;
  const setApproval = isAllowed(actor.roles, 'mapping.approve') ? setApprovalAction : null;
  const commands = isAllowed(actor.roles, 'connectors.manage') ? NOTIFICATION_COMMANDS : null;
  return (
    <Settings
      fallback={{ connectorId: row.id, mailbox, set }}
      approval={{ setting, set: setApproval }}
      notifications={{ connectorId: row.id, settings, commands }}
    />
  );
}
