import { CentredProblem } from '#components/frame/centred-problem.tsx';
import { NotFound } from '#components/frame/problem-page.tsx';

/** An unknown address, or one of another organization: the two cannot be told apart. */
export default function NotFoundPage() {
  return (
    <CentredProblem>
      <NotFound />
    </CentredProblem>
  );
}
