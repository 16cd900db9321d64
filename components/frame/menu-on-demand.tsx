'use client';

import type { ButtonProps } from '@fluentui/react-components';
import { type ComponentType, cloneElement, type ReactElement, useEffect, useState } from 'react';
import { Boundary } from './boundary.tsx';
import { useOnDemand } from './on-demand.ts';
import { PartProblem } from './part-problem.tsx';

/** What a menu that came on demand is given beside its own: the button it belongs to, and whether it is open. */
export interface OpenedBy {
  readonly button: ReactElement<ButtonProps>;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

interface MenuOnDemandProps<Props> {
  /** the same function every time */
  readonly load: () => Promise<ComponentType<Props & OpenedBy>>;
  readonly button: ReactElement<ButtonProps>;
  readonly popup: 'menu' | 'dialog';
  readonly part: 'menu' | 'views';
  /** what the menu is given */
  readonly menu: Props;
}

/** A button whose menu comes with the first click on it: most visits of a page open none of its menus. */
export function MenuOnDemand<Props>({ load, button, popup, part, menu }: MenuOnDemandProps<Props>) {
  const { Part, loading, failed, want } = useOnDemand(load);
  const closed = cloneElement(button, { 'aria-haspopup': popup, 'aria-expanded': false, 'aria-busy': loading });
  if (Part !== null) {
    return (
      <Boundary
        instead={(_error, again) => (
          <>
            {cloneElement(closed, { onClick: again })}
            <PartProblem part={part} onRetry={again} />
          </>
        )}
      >
        <Opened Menu={Part} button={button} menu={menu} />
      </Boundary>
    );
  }
  return (
    <>
      {cloneElement(closed, { onClick: want })}
      {failed ? <PartProblem part={part} onRetry={want} /> : null}
    </>
  );
}

function Opened<Props>({
  Menu,
  button,
  menu,
}: Pick<MenuOnDemandProps<Props>, 'button' | 'menu'> & { readonly Menu: ComponentType<Props & OpenedBy> }) {
  // A menu takes the focus when it opens, so its button has to be there before.
  const [open, setOpen] = useState(false);
  useEffect(() => setOpen(true), []);
  return <Menu {...menu} button={button} open={open} onOpenChange={setOpen} />;
}
