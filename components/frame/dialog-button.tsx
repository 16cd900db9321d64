'use client';

import { type ButtonProps, useRestoreFocusTarget } from '@fluentui/react-components';
import { type ComponentType, cloneElement, type ReactElement, useState } from 'react';
import { Boundary } from './boundary.tsx';
import { useOnDemand } from './on-demand.ts';
import { PartProblem } from './part-problem.tsx';

interface DialogButtonProps<Props> {
  /** the same function every time; what it brings is drawn while the dialog is open */
  readonly load: () => Promise<ComponentType<Props & { readonly onClose: () => void }>>;
  readonly button: ReactElement<ButtonProps>;
  /** what the dialog is given */
  readonly dialog: Props;
  readonly onOpen?: (() => void) | undefined;
}

/** A button whose dialog comes with the first click on it, and gives the focus back to it. */
export function DialogButton<Props>({ load, button, dialog, onOpen }: DialogButtonProps<Props>) {
  const restoreFocus = useRestoreFocusTarget();
  const { Part, loading, failed, want } = useOnDemand(load);
  const [open, setOpen] = useState(false);
  function ask(): void {
    onOpen?.();
    setOpen(true);
    want();
  }
  return (
    <>
      {cloneElement(button, { ...restoreFocus, 'aria-haspopup': 'dialog', 'aria-busy': loading, onClick: ask })}
      {open && failed ? <PartProblem part="dialog" onRetry={want} /> : null}
      {open && Part !== null ? (
        <Boundary instead={(_error, again) => <PartProblem part="dialog" onRetry={again} />}>
          <Part {...dialog} onClose={() => setOpen(false)} />
        </Boundary>
      ) : null}
    </>
  );
}
