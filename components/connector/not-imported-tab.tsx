'use client';

import { makeStyles, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import * as text from '#components/text/text.ts';
import type { HeldLong as Held } from '#lib/imports/held.ts';
import type { UndoneReason } from '#lib/imports/undone.ts';
import type { UndonePage } from '#lib/imports/undone-rows.ts';
import { HeldLong } from './held-long.tsx';
import { Reasons, ShowLink } from './not-imported.tsx';
import { OneByOne } from './one-by-one.tsx';
import type { UndoneActions } from './undone-commands.tsx';

const useStyles = makeStyles({
  page: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalL },
  empty: { display: 'grid', rowGap: tokens.spacingVerticalXS },
  paragraph: { margin: 0 },
});

/** The reason whose single ones are listed. */
export interface Opened extends Pick<UndoneReason, 'kind' | 'reason'> {
  readonly page: UndonePage;
  /** this is not the first page */
  readonly later: boolean;
}

export interface NotImportedTabProps {
  readonly connectorId: string;
  readonly reasons: readonly UndoneReason[];
  /** what of it is kept for seven days or longer */
  readonly held: Held | null;
  /** null: none is */
  readonly opened: Opened | null;
  /** nothing is left of what the address names */
  readonly isGone: boolean;
  readonly actions: UndoneActions;
  /** whether the person may open originals */
  readonly mayOpen: boolean;
  /** whether the person may see evidence */
  readonly mayProve: boolean;
  /** what comes before the reasons */
  readonly above: ReactNode;
}

/** Everything that is not, or not wholly, in its mailbox: by reason, and one by one. */
export function NotImportedTab(props: NotImportedTabProps) {
  const { connectorId, reasons, held, opened, isGone, actions, mayOpen, mayProve, above } = props;
  const styles = useStyles();
  const words = text.undone;
  const isOpened = (one: UndoneReason): boolean => one.kind === opened?.kind && one.reason === opened.reason;
  return (
    <div className={styles.page}>
      <HeldLong held={held} href={null} />
      {above}
      {reasons.length > 0 ? null : (
        <div className={styles.empty}>
          <strong>{words.empty.title}</strong>
          <p className={styles.paragraph}>{words.empty.body}</p>
        </div>
      )}
      {reasons.length > 0 && isGone ? (
        <p className={styles.paragraph}>
          {words.goneTitle} {words.gone}
        </p>
      ) : null}
      <Reasons
        connectorId={connectorId}
        reasons={reasons}
        actions={actions}
        below={(one, onSaid) =>
          opened !== null && isOpened(one) ? (
            <OneByOne
              connectorId={connectorId}
              undone={one}
              page={opened.page}
              later={opened.later}
              actions={actions}
              mayOpen={mayOpen}
              mayProve={mayProve}
              onSaid={onSaid}
            />
          ) : (
            <ShowLink connectorId={connectorId} undone={one} inPlace />
          )
        }
      />
    </div>
  );
}
