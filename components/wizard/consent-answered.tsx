'use client';

import { Text } from '@fluentui/react-components';
import { useEffect } from 'react';
import { CentredCard } from '#components/frame/centred-card.tsx';
import { CONSENT_CHANNEL } from './consent-channel.ts';

/** The end of a consent. Tells a wizard that waits in this browser to look. */
export function ConsentAnswered({ title, sentence }: { readonly title: string; readonly sentence: string }) {
  useEffect(() => {
    const channel = new BroadcastChannel(CONSENT_CHANNEL);
    channel.postMessage('answered');
    channel.close();
  }, []);
  return (
    <CentredCard title={title}>
      <Text>{sentence}</Text>
    </CentredCard>
  );
}
