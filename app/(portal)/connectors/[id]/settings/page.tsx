import { notFound } from 'next/navigation';
import { Settings } from '#components/connector/settings.tsx';
import { setUpParts } from '#lib/connectors/composition.ts';
import { fallbackMailbox } from '#lib/connectors/fallback-mailbox.ts';
import { mailboxLimit } from '#lib/connectors/mailbox-limit.ts';
import { approvalSetting } from '#lib/connectors/mapping/use-cases.ts';
import { sourceUsername } from '#lib/connectors/mend.ts';
import { mendParts } from '#lib/connectors/portal-parts.ts';
import { regions } from '#lib/connectors/regions.ts';
import { connectorSettings } from '#lib/connectors/settings.ts';
import { database } from '#lib/db.ts';
import { notificationParts } from '#lib/notifications/composition.ts';
import { notificationSettings } from '#lib/notifications/settings.ts';
import { isAllowed } from '#lib/security/roles.ts';
import {
  deleteConnectorAction,
  pauseAction,
  renameAction,
  resumeAction,
  setFallbackAction,
  setScheduleAction,
  updateCredentialsAction,
} from '../actions.ts';
import { openConnector } from '../connector.ts';
import { changeRuleAction, setApprovalAction } from '../mapping/actions.ts';
import {
  lookAtMailboxLimitAction,
  setHeartbeatAction,
  setMailboxLimitAction,
  setNoticesAction,
  setWebhookAction,
  testNoticesAction,
} from './actions.ts';

const NOTIFICATION_COMMANDS = {
  setNotices: setNoticesAction,
  setWebhook: setWebhookAction,
  setHeartbeat: setHeartbeatAction,
  test: testNoticesAction,
};

export default async function SettingsPage({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  const { actor, row } = await openConnector((await params).id);
  const manages = isAllowed(actor.roles, 'connectors.manage');
  const [settings, limit, mailbox, setting, notifications, username] = await Promise.all([
    connectorSettings(database().pool, actor, row.id),
    mailboxLimit(database().pool, actor, row.id),
    fallbackMailbox(database().pool, actor, row.id),
    approvalSetting({ database: database() }, actor),
    notificationSettings(notificationParts(), actor, row.id),
    manages ? sourceUsername(database(), actor, row.id) : '',
  ]);
  if (settings === null || limit === null) notFound();
  const actions = {
    rename: renameAction,
    updateCredentials: updateCredentialsAction,
    setSchedule: setScheduleAction,
    pause: pauseAction,
    resume: resumeAction,
    remove: deleteConnectorAction,
  };
  const setApproval = isAllowed(actor.roles, 'mapping.approve') ? setApprovalAction : null;
  const { clientId, cloud } = setUpParts().consent;
  const limiting = { application: { clientId, cloud }, look: lookAtMailboxLimitAction, set: setMailboxLimitAction };
  const commands = manages ? NOTIFICATION_COMMANDS : null;
  return (
    <Settings
      connectorId={row.id}
      settings={settings}
      regions={regions()}
      changeRule={isAllowed(actor.roles, 'mapping.manage') ? changeRuleAction : null}
      username={username}
      host={mendParts().sourceHost}
      actions={manages ? actions : null}
      mailboxes={{ connectorId: row.id, limit, commands: manages ? limiting : null }}
      fallback={{ connectorId: row.id, mailbox, set: manages ? setFallbackAction : null }}
      approval={{ setting, set: setApproval }}
      notifications={{ connectorId: row.id, settings: notifications, commands }}
    />
  );
}
