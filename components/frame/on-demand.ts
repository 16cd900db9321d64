'use client';

import { type ComponentType, useCallback, useRef, useState } from 'react';

type Phase<Props> =
  | { readonly at: 'unasked' | 'loading' | 'failed' }
  | { readonly at: 'there'; readonly Part: ComponentType<Props> };

export interface OnDemand<Props> {
  /** null until it is there */
  readonly Part: ComponentType<Props> | null;
  readonly loading: boolean;
  readonly failed: boolean;
  /** asks for it; again where it failed */
  readonly want: () => void;
}

/**
 * A part whose code comes when somebody asks for it. What was there stays until then, with the focus that may be in it, and
 * code that does not come is no error of the page: the part says so, and can be asked for again.
 * @param load the same function every time
 */
export function useOnDemand<Props>(load: () => Promise<ComponentType<Props>>): OnDemand<Props> {
  const [phase, setPhase] = useState<Phase<Props>>({ at: 'unasked' });
  const asked = useRef(false);
  const want = useCallback(() => {
    if (asked.current) return;
    asked.current = true;
    setPhase({ at: 'loading' });
    load().then(
      (Part) => setPhase({ at: 'there', Part }),
      () => {
        asked.current = false;
        setPhase({ at: 'failed' });
      },
    );
  }, [load]);
  return {
    Part: phase.at === 'there' ? phase.Part : null,
    loading: phase.at === 'loading',
    failed: phase.at === 'failed',
    want,
  };
}
