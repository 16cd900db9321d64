'use client';

import { useCallback, useState } from 'react';
import { failureSentence } from '#components/frame/failure-sentence.ts';
import type { StepProblem } from './wizard-shell.tsx';

/** Runs what a step's button does: shows that it is being done, and what came in the way. */
export function useStepAction() {
  const [busy, setBusy] = useState<string | null>(null);
  const [problems, setProblems] = useState<readonly StepProblem[]>([]);

  const run = useCallback(async (doing: string, work: () => Promise<readonly StepProblem[]>): Promise<void> => {
    setBusy(doing);
    setProblems([]);
    try {
      setProblems(await work());
    } catch (error) {
      setProblems([{ sentence: failureSentence(error) }]);
    } finally {
      setBusy(null);
    }
  }, []);

  return { busy, setBusy, problems, setProblems, run };
}
