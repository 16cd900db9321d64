'use client';

import { Field, makeStyles, mergeClasses, SearchBox, Select, tokens } from '@fluentui/react-components';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useTransition } from 'react';
import { Form } from '#components/frame/form.tsx';
import * as text from '#components/text/text.ts';
import type { CoverageCounts } from '#lib/coverage/counts.ts';
import { COVERAGE_REASONS, sumOf } from '#lib/coverage/coverage-reasons.ts';
import {
  COVERAGE_FILTERS,
  type CoverageFilter,
  type CoverageSelection,
  SILENT_DAYS,
  selectionQuery,
} from '#lib/coverage/selection.ts';

const words = text.coverage;

const useStyles = makeStyles({
  filters: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalM },
  list: {
    display: 'flex',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalS,
    margin: 0,
    padding: 0,
    listStyleType: 'none',
  },
  filter: {
    display: 'block',
    padding: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalM}`,
    color: tokens.colorNeutralForeground2,
    textDecorationLine: 'none',
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusCircular,
    ':hover': { color: tokens.colorNeutralForeground1, backgroundColor: tokens.colorNeutralBackground1Hover },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  current: {
    color: tokens.colorNeutralForeground1,
    fontWeight: tokens.fontWeightSemibold,
    border: `1px solid ${tokens.colorCompoundBrandStroke}`,
    boxShadow: `inset 0 0 0 1px ${tokens.colorCompoundBrandStroke}`,
    // Colours of one's own have no shadows.
    '@media (forced-colors: active)': { outline: '2px solid Highlight' },
  },
  tools: { display: 'flex', flexWrap: 'wrap', alignItems: 'end', gap: tokens.spacingHorizontalM },
  form: { width: '320px', maxWidth: '100%' },
  search: { width: '100%' },
});

export interface FiltersProps {
  readonly base: string;
  readonly selection: CoverageSelection;
  readonly counts: CoverageCounts;
  readonly silent: number;
  readonly searchesNumbers: boolean;
}

/** What of it is listed. Each choice is an address, so that it can be sent to somebody, and Back works. */
export function Filters({ base, selection, counts, silent, searchesNumbers }: FiltersProps) {
  const styles = useStyles();
  const router = useRouter();
  const [, start] = useTransition();
  const { filter, reason, silentDays, search } = selection;
  const addressOf = (change: Partial<CoverageSelection>): string =>
    base + selectionQuery({ ...selection, after: null, ...change });
  const go = (change: Partial<CoverageSelection>): void => start(() => router.push(addressOf(change)));
  const found: Readonly<Record<CoverageFilter, number | null>> = {
    all: null,
    without: counts.registered - counts.withMailbox,
    unusable: sumOf(counts.unusable),
    unregistered: counts.unregistered,
    silent,
  };
  const byReason = filter === 'without' ? counts.without : filter === 'unusable' ? counts.unusable : null;

  function submit(fields: FormData): void {
    const typed = fields.get('search');
    go({ search: typeof typed === 'string' ? typed.trim() : '' });
  }

  return (
    <div className={styles.filters}>
      <nav aria-label={words.filters.label}>
        <ul className={styles.list}>
          {COVERAGE_FILTERS.map((one) => {
            const count = found[one];
            return (
              <li key={one}>
                <Link
                  href={addressOf({ filter: one, reason: null })}
                  className={mergeClasses(styles.filter, one === filter && styles.current)}
                  aria-current={one === filter ? 'page' : undefined}
                >
                  {count === null ? words.filters[one] : words.withCount(words.filters[one], count)}
                </Link>
              </li>
            );
          })}
        </ul>
      </nav>
      <div className={styles.tools}>
        <Form className={styles.form} onSubmit={submit}>
          <SearchBox
            // Another address is another search.
            key={search}
            className={styles.search}
            name="search"
            aria-label={words.search}
            placeholder={searchesNumbers ? words.searchHint : words.searchHintMasked}
            defaultValue={search}
            onChange={(_event, { value }) => {
              if (value === '' && search !== '') go({ search: '' });
            }}
          />
        </Form>
        {byReason === null ? null : (
          <Field label={words.reason}>
            <Select
              value={reason ?? ''}
              onChange={(_event, { value }) => go({ reason: COVERAGE_REASONS.find((one) => one === value) ?? null })}
            >
              <option value="">{words.anyReason}</option>
              {COVERAGE_REASONS.filter((one) => one === reason || (byReason[one] ?? 0) > 0).map((one) => (
                <option key={one} value={one}>
                  {words.withCount(words.reasons[one], byReason[one] ?? 0)}
                </option>
              ))}
            </Select>
          </Field>
        )}
        {filter !== 'silent' ? null : (
          <Field label={words.silentFor}>
            <Select value={String(silentDays)} onChange={(_event, { value }) => go({ silentDays: Number(value) })}>
              {[...new Set([...SILENT_DAYS, silentDays])].map((days) => (
                <option key={days} value={days}>
                  {words.days(days)}
                </option>
              ))}
            </Select>
          </Field>
        )}
      </div>
    </div>
  );
}
