'use client';

import { Button, type ButtonProps } from '@fluentui/react-components';
import { useRouter } from 'next/navigation';
import type { MouseEvent, ReactNode } from 'react';

export interface LinkButtonProps {
  readonly href: string;
  readonly appearance?: ButtonProps['appearance'];
  readonly icon?: ButtonProps['icon'];
  readonly children: ReactNode;
}

/** A link that looks like a button: goes to a page of the portal without loading it anew, and opens in a tab like any link. */
export function LinkButton({ href, appearance = 'secondary', icon, children }: LinkButtonProps) {
  const router = useRouter();
  function go(event: MouseEvent): void {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    router.push(href);
  }
  return (
    <Button as="a" href={href} appearance={appearance} icon={icon} onClick={go}>
      {children}
    </Button>
  );
}
