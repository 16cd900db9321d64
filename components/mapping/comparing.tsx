'use client';

import { makeStyles, Spinner } from '@fluentui/react-components';
import * as text from '#components/text/text.ts';

const useStyles = makeStyles({ box: { justifyContent: 'start', minHeight: '64px' } });

/** Stands where a difference will be: large versions take some seconds. */
export function Comparing() {
  return <Spinner className={useStyles().box} size="tiny" label={text.mapping.difference.comparing} />;
}
