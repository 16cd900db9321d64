'use client';

import { Button, MessageBar, MessageBarActions, MessageBarBody } from '@fluentui/react-components';
import { ArrowClockwiseRegular } from '@fluentui/react-icons';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';

/** Says that what the page shows has stood still, and since when. Nothing while the stream runs. */
export function LiveNotice({ stoppedAt }: { readonly stoppedAt: string | null }) {
  const words = text.connectors.live;
  if (stoppedAt === null) return null;
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody>
        {words.stopped} <Time value={stoppedAt} timeOfDay />.
      </MessageBarBody>
      <MessageBarActions>
        {/* Loading the page anew also finds out whether the session is over. */}
        <Button size="small" icon={<ArrowClockwiseRegular />} onClick={() => location.reload()}>
          {words.refresh}
        </Button>
      </MessageBarActions>
    </MessageBar>
  );
}
