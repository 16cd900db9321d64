'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import Link from 'next/link';
import * as text from '#components/text/text.ts';
import { mappingAddress } from './addresses.ts';

const useStyles = makeStyles({
  link: {
    justifySelf: 'start',
    color: tokens.colorBrandForegroundLink,
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, borderRadius: tokens.borderRadiusSmall },
  },
});

/** From a version, or a file on its way to one, to the list of versions. */
export function BackLink({ connectorId }: { readonly connectorId: string }) {
  return (
    <Link className={useStyles().link} href={mappingAddress(connectorId)}>
      {text.mapping.back}
    </Link>
  );
}
