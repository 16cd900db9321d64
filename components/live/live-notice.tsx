'use client';

import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { ArrowClockwiseRegular, WarningFilled } from '@fluentui/react-icons';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';

const useStyles = makeStyles({
  notice: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    backgroundColor: tokens.colorStatusWarningBackground1,
    border: `1px solid ${tokens.colorStatusWarningBorder1}`,
    borderRadius: tokens.borderRadiusMedium,
  },
  icon: { fontSize: '20px', flexShrink: 0, color: tokens.colorStatusWarningForeground3 },
  sentence: { flexGrow: 1 },
});

/** Says that what the page shows has stood still, and since when. Nothing while the stream runs. */
export function LiveNotice({ stoppedAt }: { readonly stoppedAt: string | null }) {
  const styles = useStyles();
  const words = text.connectors.live;
  if (stoppedAt === null) return null;
  return (
    <div className={styles.notice}>
      <WarningFilled className={styles.icon} aria-hidden />
      <span role="status" className={styles.sentence}>
        {words.stopped} <Time value={stoppedAt} timeOfDay />.
      </span>
      {/* Loading the page anew also finds out whether the session is over. */}
      <Button size="small" icon={<ArrowClockwiseRegular />} onClick={() => location.reload()}>
        {words.refresh}
      </Button>
    </div>
  );
}
