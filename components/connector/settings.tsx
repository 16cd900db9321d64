'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import { ApprovalSetting, type ApprovalSettingProps } from '#components/mapping/approval-setting.tsx';
import { text } from '#components/text/text.ts';
import { FallbackMailbox, type FallbackMailboxProps } from './fallback-mailbox.tsx';
import { Notifications, type NotificationsProps } from './notifications.tsx';
import { Section } from './section.tsx';

const useStyles = makeStyles({
  page: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr)',
    rowGap: tokens.spacingVerticalXXL,
    maxWidth: '860px',
  },
});

export interface SettingsProps {
  readonly fallback: FallbackMailboxProps;
  readonly approval: ApprovalSettingProps;
  readonly notifications: NotificationsProps;
}

/** What can be set of a connector after it was added; a section each. */
export function Settings({ fallback, approval, notifications }: SettingsProps) {
  const styles = useStyles();
  return (
    <div className={styles.page}>
      <Section title={text.settings.fallback.title}>
        <FallbackMailbox {...fallback} />
      </Section>
      <Section title={text.notifications.title} id="notifications">
        <Notifications {...notifications} />
      </Section>
      <Section title={text.mapping.approval.title}>
        <ApprovalSetting {...approval} />
      </Section>
    </div>
  );
}
