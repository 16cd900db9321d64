'use client';

import { useRouter } from 'next/navigation';
import { startTransition } from 'react';
import { CentredProblem } from '#components/frame/centred-problem.tsx';
import { Failed } from '#components/frame/problem-page.tsx';

interface Props {
  readonly error: Error & { readonly digest?: string };
  readonly reset: () => void;
}

/** A page outside the frame, or the frame itself, that failed. The reference is in the server's log beside the cause. */
export default function RootError({ error, reset }: Props) {
  const router = useRouter();
  return (
    <CentredProblem>
      <Failed
        reference={error.digest ?? null}
        onRetry={() =>
          startTransition(() => {
            router.refresh();
            reset();
          })
        }
      />
    </CentredProblem>
  );
}
