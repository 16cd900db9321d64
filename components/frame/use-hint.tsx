'use client';

import type { TooltipProps } from '@fluentui/react-components';
import { type FocusEvent, type ReactNode, useState } from 'react';
import { useOnDemand } from './on-demand.ts';

const loadTooltip = async () => (await import('./hint.tsx')).Hint;

export type HintProps = Required<Pick<TooltipProps, 'content'>> & { readonly target: HTMLElement };

/**
 * The name of a control that shows an icon alone, beside it while the pointer or the keyboard is on it. `control` belongs on
 * the control, `hint` anywhere. The control keeps its name for screen readers in `aria-label`.
 */
export function useHint(content: string): { readonly control: HintedControl; readonly hint: ReactNode } {
  const [target, setTarget] = useState<HTMLElement | null>(null);
  const { Part, want } = useOnDemand(loadTooltip);
  const show = (element: HTMLElement): void => {
    want();
    setTarget(element);
  };
  const hide = (): void => setTarget(null);
  return {
    control: {
      'aria-label': content,
      onPointerEnter: ({ currentTarget }) => show(currentTarget),
      onPointerLeave: hide,
      onFocus: ({ currentTarget }) => currentTarget.matches(':focus-visible') && show(currentTarget),
      onBlur: hide,
      onPointerDown: hide,
      onKeyDown: hide,
    },
    hint: Part === null || target === null ? null : <Part content={content} target={target} />,
  };
}

interface HintedControl {
  readonly 'aria-label': string;
  readonly onPointerEnter: (event: { readonly currentTarget: HTMLElement }) => void;
  readonly onPointerLeave: () => void;
  readonly onFocus: (event: FocusEvent<HTMLElement>) => void;
  readonly onBlur: () => void;
  readonly onPointerDown: () => void;
  readonly onKeyDown: () => void;
}
