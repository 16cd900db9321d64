'use client';

import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  makeStyles,
  tokens,
} from '@fluentui/react-components';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import {
  type Detail,
  type DetailName,
  type DetailValue,
  type HistoryEntry,
  SHOWN_DETAILS,
} from '#lib/connectors/history-words.ts';
import { reasonOf } from '#lib/imports/reasons.ts';

const words = text.history;

const useStyles = makeStyles({
  content: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalM },
  list: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalS, margin: 0 },
  change: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(min(180px, 100%), 1fr))',
    gap: tokens.spacingHorizontalM,
    margin: 0,
  },
  side: {
    padding: tokens.spacingHorizontalM,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
  },
  term: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  value: { margin: 0, overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' },
  paragraph: { margin: 0 },
});

export interface EntryDialogProps {
  readonly entry: HistoryEntry;
  readonly sentence: string;
  readonly onClose: () => void;
}

/** One act in a panel: what was before and after, and whatever else was written down. */
export function EntryDialog({ entry, sentence, onClose }: EntryDialogProps) {
  const styles = useStyles();
  const change = changeOf(entry);
  const further = SHOWN_DETAILS.filter(
    (name) => entry.detail[name] !== undefined && !(change?.names.includes(name) ?? false),
  );
  return (
    <Dialog open onOpenChange={(_event, { open }) => (open ? undefined : onClose())}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{sentence}</DialogTitle>
          <DialogContent className={styles.content}>
            <p className={styles.paragraph}>
              <Time value={entry.at} />
            </p>
            {change === null ? null : (
              <dl className={styles.change} aria-label={words.changed}>
                <Fact term={words.before} value={change.before} className={styles.side} />
                <Fact term={words.after} value={change.after} className={styles.side} />
              </dl>
            )}
            {further.length === 0 ? null : (
              <dl className={styles.list} aria-label={words.further}>
                {further.map((name) => (
                  <Fact key={name} term={words.detail[name]} value={readable(name, entry.detail[name])} />
                ))}
              </dl>
            )}
            {change === null && further.length === 0 ? <p className={styles.paragraph}>{words.nothingMore}</p> : null}
          </DialogContent>
          <DialogActions>
            <Button onClick={onClose}>{words.close}</Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

interface FactProps {
  readonly term: string;
  readonly value: DetailValue | undefined;
  readonly className?: string | undefined;
}

function Fact({ term, value, className }: FactProps) {
  const styles = useStyles();
  return (
    <div className={className}>
      <dt className={styles.term}>{term}</dt>
      <dd className={styles.value}>
        {value === null || value === undefined ? (
          words.none
        ) : typeof value === 'string' && ISO_TIME.test(value) ? (
          <Time value={value} />
        ) : (
          words.value(value)
        )}
      </dd>
    </div>
  );
}

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

interface Change {
  readonly before: DetailValue | undefined;
  readonly after: DetailValue | undefined;
  /** what of the detail it says */
  readonly names: readonly DetailName[];
}

/** Most acts say what was before and after by these words; of a mapping it is the version, or the mailbox. */
function changeOf({ action, detail }: HistoryEntry): Change | null {
  const ofMapping: Readonly<Record<string, keyof Detail>> = {
    'mapping.applied': 'version',
    'mapping.number-mapped': 'mailbox',
  };
  const after = ofMapping[action] ?? 'after';
  if (detail.before === undefined && detail.after === undefined) return null;
  return { before: detail.before, after: detail[after], names: ['before', after] };
}

/** Codes as sentences. */
function readable(name: DetailName, value: DetailValue | undefined): DetailValue | undefined {
  return name === 'code' && typeof value === 'string' ? reasonOf(value).sentence : value;
}
