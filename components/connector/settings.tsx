'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import { ApprovalSetting, type ApprovalSettingProps } from '#components/mapping/approval-setting.tsx';
import type { NotificationsProps } from '#components/notifications/commands.ts';
import { Notifications } from '#components/notifications/notifications.tsx';
import { LoginSetting } from '#components/settings/login-setting.tsx';
import { MailboxesSetting, type MailboxesSettingProps } from '#components/settings/mailboxes-setting.tsx';
import { NameSetting } from '#components/settings/name-setting.tsx';
import { type PauseCommands, PauseSetting } from '#components/settings/pause-setting.tsx';
import { RuleSetting, type RuleSettingProps } from '#components/settings/rule-setting.tsx';
import { ScheduleSetting } from '#components/settings/schedule-setting.tsx';
import * as text from '#components/text/text.ts';
import type { NewCredentials, UpdateCredentialsResult } from '#lib/connectors/mend.ts';
import type { Region } from '#lib/connectors/regions.ts';
import type { NewName, RenameResult } from '#lib/connectors/rename.ts';
import type { NewSchedule, SetScheduleResult } from '#lib/connectors/set-schedule.ts';
import type { ConnectorSettings } from '#lib/connectors/settings.ts';
import { DeleteConnector, type DeleteConnectorProps } from './delete-connector.tsx';
import { FallbackMailbox, type FallbackMailboxProps } from './fallback-mailbox.tsx';
import { useLiveConnector } from './live-connector.tsx';

import { Section } from './section.tsx';

const useStyles = makeStyles({
  page: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr)',
    rowGap: tokens.spacingVerticalXXL,
    maxWidth: '860px',
  },
  about: { margin: `0 0 ${tokens.spacingVerticalM}`, color: tokens.colorNeutralForeground2 },
});

export interface SettingActions extends PauseCommands {
  readonly rename: (choice: NewName) => Promise<RenameResult>;
  readonly updateCredentials: (credentials: NewCredentials) => Promise<UpdateCredentialsResult>;
  readonly setSchedule: (choice: NewSchedule) => Promise<SetScheduleResult>;
  readonly remove: DeleteConnectorProps['remove'];
}

export interface SettingsProps {
  readonly connectorId: string;
  readonly settings: ConnectorSettings;
  readonly regions: readonly Region[];
  /** null for who may not */
  readonly changeRule: RuleSettingProps['change'];
  /** name at the source; empty for who may not change it */
  readonly username: string;
  /** TeleMessage's, for sentences */
  readonly host: string;
  /** null for who may only look */
  readonly actions: SettingActions | null;
  readonly mailboxes: MailboxesSettingProps;
  readonly fallback: FallbackMailboxProps;
  readonly approval: ApprovalSettingProps;
  readonly notifications: NotificationsProps;
}

/** What can be set of a connector after it was added; a section each. */
export function Settings(props: SettingsProps) {
  const { connectorId, settings, regions, changeRule, username, host, actions } = props;
  const { mailboxes, fallback, approval, notifications } = props;
  const styles = useStyles();
  const words = text.settings;
  const live = useLiveConnector();
  return (
    <div className={styles.page}>
      <Setting words={words.name}>
        <NameSetting connectorId={connectorId} rename={actions?.rename ?? null} />
      </Setting>
      <Setting words={words.login}>
        <LoginSetting
          connectorId={connectorId}
          accountName={settings.accountName}
          username={username}
          host={host}
          update={actions?.updateCredentials ?? null}
        />
      </Setting>
      <Setting words={words.schedule}>
        <ScheduleSetting connectorId={connectorId} schedule={settings.schedule} set={actions?.setSchedule ?? null} />
      </Setting>
      <Setting words={words.mapping}>
        <RuleSetting {...{ connectorId, settings, regions }} change={changeRule} />
      </Setting>
      <Setting words={words.mailboxes}>
        <MailboxesSetting {...mailboxes} />
      </Setting>
      <Section title={words.fallback.title}>
        <FallbackMailbox {...fallback} />
      </Section>
      <Section title={text.notifications.title} id="notifications">
        <Notifications {...notifications} />
      </Section>
      <Section title={text.mapping.approval.title}>
        <ApprovalSetting {...approval} />
      </Section>
      <Setting words={words.pause}>
        <PauseSetting commands={actions} />
      </Setting>
      {actions === null || live === null ? null : (
        <Setting words={words.remove}>
          <DeleteConnector row={live.row} remove={actions.remove} label={words.remove.label} />
        </Setting>
      )}
      {actions === null ? <p className={styles.about}>{words.whoSets}</p> : null}
    </div>
  );
}

interface SettingProps {
  readonly words: { readonly title: string /** what it changes, in a sentence */; readonly about: string };
  readonly children: ReactNode;
}

function Setting({ words, children }: SettingProps) {
  return (
    <Section title={words.title}>
      <p className={useStyles().about}>{words.about}</p>
      {children}
    </Section>
  );
}
