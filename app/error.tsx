'use client';

import { CentredProblem } from '#components/frame/centred-problem.tsx';
import { FailedPage, type FailedPageProps } from '#components/frame/failed-page.tsx';

/** A page outside the frame, or the frame itself, that failed. */
export default function RootError(props: FailedPageProps) {
  return (
    <CentredProblem>
      <FailedPage {...props} />
    </CentredProblem>
  );
}
