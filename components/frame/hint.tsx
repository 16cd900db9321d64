'use client';

import { Tooltip } from '@fluentui/react-components';
import type { HintProps } from './use-hint.tsx';

/** A tooltip beside a control that it does not wrap. What it says is the control's name already. */
export function Hint({ content, target }: HintProps) {
  return <Tooltip content={content} relationship="inaccessible" visible positioning={{ target }} />;
}
