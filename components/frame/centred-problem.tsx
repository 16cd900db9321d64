'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';

const useStyles = makeStyles({
  page: {
    display: 'grid',
    placeContent: 'center',
    flexGrow: 1,
    padding: tokens.spacingHorizontalL,
  },
});

/** A problem outside the portal's frame. */
export function CentredProblem({ children }: { readonly children: ReactNode }) {
  return <main className={useStyles().page}>{children}</main>;
}
