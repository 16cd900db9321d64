'use client';

import { useRouter } from 'next/navigation';
import { startTransition } from 'react';
import { Failed } from './problem-page.tsx';

/** What Next gives an error page. */
export interface FailedPageProps {
  readonly error: Error & { readonly digest?: string };
  readonly reset: () => void;
}

/** A page that failed. The reference is in the server's log beside the cause; trying again reads the page anew. */
export function FailedPage({ error, reset }: FailedPageProps) {
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
