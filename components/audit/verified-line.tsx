'use client';

import { MessageBar, MessageBarBody, MessageBarTitle, makeStyles, tokens } from '@fluentui/react-components';
import { CheckmarkCircleFilled } from '@fluentui/react-icons';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { AuditState } from '#lib/audit/log.ts';

const words = text.audit;

const useStyles = makeStyles({
  line: { display: 'grid', rowGap: tokens.spacingVerticalXXS },
  verified: { display: 'flex', alignItems: 'center', columnGap: tokens.spacingHorizontalXS, margin: 0 },
  icon: { display: 'flex', fontSize: '20px', color: tokens.colorStatusSuccessForeground1, flexShrink: 0 },
  more: { margin: 0, color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
});

/** Up to when the log is as it was written; or the first place where it is not. */
export function VerifiedLine({ state }: { readonly state: AuditState }) {
  const styles = useStyles();
  const { verifiedAt, throughTime, anchorSeq, finding } = state;
  if (verifiedAt === null) return <p className={styles.more}>{words.notVerified}</p>;
  const looked = (
    <p className={styles.more}>
      {words.looked} <Time value={verifiedAt} />. {anchorSeq === null ? words.notAnchored : words.anchored(anchorSeq)}
    </p>
  );
  if (finding !== null) {
    return (
      <div className={styles.line}>
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>
              {words.finding(finding)} {words.untrusted}
            </MessageBarTitle>{' '}
            {words.whatToDo}
          </MessageBarBody>
        </MessageBar>
        {looked}
      </div>
    );
  }
  return (
    <div className={styles.line}>
      <p className={styles.verified}>
        <span className={styles.icon} aria-hidden>
          <CheckmarkCircleFilled />
        </span>
        {throughTime === null ? (
          words.verifiedEmpty
        ) : (
          <span>
            {words.verifiedTo}
            <Time value={throughTime} />.
          </span>
        )}
      </p>
      {looked}
    </div>
  );
}
