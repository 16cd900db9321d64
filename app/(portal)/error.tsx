'use client';

import { useRouter } from 'next/navigation';
import { startTransition } from 'react';
import { Failed } from '#components/frame/problem-page.tsx';

interface Props {
  readonly error: Error & { readonly digest?: string };
  readonly reset: () => void;
}

/** A page that failed. The reference is in the server's log beside the cause. */
export default function PortalError({ error, reset }: Props) {
  const router = useRouter();
  return (
    <Failed
      reference={error.digest ?? null}
      onRetry={() =>
        startTransition(() => {
          router.refresh();
          reset();
        })
      }
    />
  );
}
