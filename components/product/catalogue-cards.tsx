'use client';

import { Badge, Button, Field, makeStyles, SearchBox, Select, tokens } from '@fluentui/react-components';
import { CheckmarkCircleRegular, EditRegular } from '@fluentui/react-icons';
import Link from 'next/link';
import { usePathname, useSearchParams } from 'next/navigation';
import { useRef, useState } from 'react';
import * as text from '#components/text/text.ts';
import { ITEM_TYPES, searchCatalogue } from '#lib/connectors/catalogue.ts';
import { KindIcon } from './kind-icon.tsx';

const words = text.product;

const useStyles = makeStyles({
  filters: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalL, alignItems: 'end' },
  search: { flexGrow: 1, maxWidth: '360px', minWidth: '200px' },
  box: { maxWidth: '100%', width: '100%' },
  count: { color: tokens.colorNeutralForeground3, margin: `${tokens.spacingVerticalM} 0` },
  grid: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(min(280px, 100%), 1fr))',
    gap: tokens.spacingHorizontalL,
    listStyleType: 'none',
    margin: 0,
    padding: 0,
  },
  card: {
    position: 'relative',
    display: 'grid',
    gridTemplateColumns: 'auto 1fr',
    columnGap: tokens.spacingHorizontalM,
    rowGap: tokens.spacingVerticalXS,
    alignContent: 'start',
    height: '100%',
    padding: tokens.spacingHorizontalL,
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    boxShadow: tokens.shadow2,
    ':hover': { boxShadow: tokens.shadow8, backgroundColor: tokens.colorNeutralBackground1Hover },
    ':focus-within': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  icon: { gridRow: '1 / span 3' },
  name: { margin: 0, fontSize: tokens.fontSizeBase400, lineHeight: tokens.lineHeightBase400 },
  link: {
    color: 'inherit',
    textDecorationLine: 'none',
    outlineStyle: 'none',
    '::after': { content: '""', position: 'absolute', inset: 0 },
  },
  text: { gridColumnStart: 2, margin: 0, color: tokens.colorNeutralForeground2 },
  badges: {
    gridColumnStart: 2,
    display: 'flex',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalXS,
    marginTop: tokens.spacingVerticalXS,
  },
});

export interface CatalogueCardsProps {
  /** what the organization has of each kind, by slug */
  readonly existing: Readonly<Record<string, { readonly drafts: number; readonly live: number }>>;
}

/** The catalogue. Search and filter are in the address, so that Back, reload and a sent link show the same. */
export function CatalogueCards({ existing }: CatalogueCardsProps) {
  const styles = useStyles();
  const path = usePathname();
  const query = useSearchParams();
  const [search, setSearch] = useState(query.get('search') ?? '');
  const box = useRef<HTMLInputElement>(null);
  const itemType = ITEM_TYPES.find((type) => type === query.get('imports')) ?? null;
  const kinds = searchCatalogue(search, itemType);

  function show(nextSearch: string, nextType: string | null): void {
    setSearch(nextSearch);
    const next = new URLSearchParams();
    if (nextSearch !== '') next.set('search', nextSearch);
    if (nextType !== null) next.set('imports', nextType);
    const suffix = next.size > 0 ? `?${next}` : '';
    window.history.replaceState(null, '', `${path}${suffix}`);
  }

  return (
    <>
      <search className={styles.filters}>
        <Field className={styles.search} label={words.search}>
          <SearchBox
            ref={box}
            className={styles.box}
            placeholder={words.searchPlaceholder}
            value={search}
            onChange={(_event, { value }) => show(value, itemType)}
          />
        </Field>
        <Field label={words.itemType}>
          <Select value={itemType ?? ''} onChange={(_event, { value }) => show(search, value === '' ? null : value)}>
            <option value="">{words.anyItemType}</option>
            {ITEM_TYPES.map((type) => (
              <option key={type} value={type}>
                {type}
              </option>
            ))}
          </Select>
        </Field>
      </search>
      <p className={styles.count} role="status">
        {kinds.length === 0 ? text.problems.noMatch : words.results(kinds.length)}
      </p>
      {kinds.length === 0 ? (
        <Button
          onClick={() => {
            show('', null);
            // The button goes, and the focus must not go with it.
            box.current?.focus();
          }}
        >
          {text.problems.clearFilters}
        </Button>
      ) : (
        <ul className={styles.grid}>
          {kinds.map((kind) => (
            <li key={kind.slug} className={styles.card}>
              <span className={styles.icon}>
                <KindIcon slug={kind.slug} captures={kind.captures} />
              </span>
              <h2 className={styles.name}>
                <Link href={`/data-connectors/${kind.slug}`} className={styles.link}>
                  {kind.name}
                </Link>
              </h2>
              <p className={styles.text}>{kind.summary}</p>
              <Existing {...(existing[kind.slug] ?? { drafts: 0, live: 0 })} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Existing({ drafts, live }: { readonly drafts: number; readonly live: number }) {
  const styles = useStyles();
  if (drafts + live === 0) return null;
  return (
    <div className={styles.badges}>
      {live > 0 ? (
        <Badge appearance="tint" color="success" icon={<CheckmarkCircleRegular />}>
          {words.liveHere(live)}
        </Badge>
      ) : null}
      {drafts > 0 ? (
        <Badge appearance="tint" color="informative" icon={<EditRegular />}>
          {words.draftHere}
        </Badge>
      ) : null}
    </div>
  );
}
