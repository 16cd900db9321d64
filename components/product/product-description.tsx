'use client';

import { Button, MessageBar, MessageBarBody, makeStyles, Text, tokens } from '@fluentui/react-components';
import { CheckmarkCircleRegular, ShieldTaskRegular } from '@fluentui/react-icons';
import { useTransition } from 'react';
import { LinkButton } from '#components/frame/link-button.tsx';
import * as text from '#components/text/text.ts';
import { Time } from '#components/time/time.tsx';
import type { ConnectorKind } from '#lib/connectors/catalogue.ts';
import type { DiscardResult } from '#lib/connectors/set-up/discard.ts';
import { DiscardDraft } from './discard-draft.tsx';
import { KindIcon } from './kind-icon.tsx';

const words = text.product;

const useStyles = makeStyles({
  page: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr)',
    rowGap: tokens.spacingVerticalXXL,
    maxWidth: '820px',
  },
  head: { display: 'flex', columnGap: tokens.spacingHorizontalL, alignItems: 'start' },
  title: {
    margin: 0,
    fontSize: tokens.fontSizeHero700,
    lineHeight: tokens.lineHeightHero700,
    fontWeight: tokens.fontWeightSemibold,
  },
  lead: { margin: `${tokens.spacingVerticalXS} 0 0`, maxWidth: '65ch' },
  facts: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(180px, 1fr))',
    gap: tokens.spacingHorizontalL,
    margin: 0,
    padding: tokens.spacingHorizontalL,
    backgroundColor: tokens.colorNeutralBackground2,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
  },
  term: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  value: { margin: 0, fontWeight: tokens.fontWeightSemibold, overflowWrap: 'anywhere' },
  heading: {
    margin: `0 0 ${tokens.spacingVerticalS}`,
    fontSize: tokens.fontSizeBase500,
    fontWeight: tokens.fontWeightSemibold,
  },
  checklist: {
    listStyleType: 'none',
    margin: 0,
    padding: 0,
    display: 'grid',
    rowGap: tokens.spacingVerticalM,
    maxWidth: '65ch',
  },
  item: { display: 'grid', gridTemplateColumns: '24px 1fr', columnGap: tokens.spacingHorizontalS },
  icon: { fontSize: '20px', color: tokens.colorBrandForeground1 },
  why: { margin: 0, color: tokens.colorNeutralForeground3 },
  actions: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  draft: { display: 'grid', rowGap: tokens.spacingVerticalS },
});

export interface ProductDescriptionProps {
  readonly kind: ConnectorKind;
  readonly draft: {
    readonly id: string;
    readonly startedBy: string;
    readonly savedAt: string;
    readonly step: string;
  } | null;
  /** who may add a connector, where the reader may not */
  readonly missingRole: string | null;
  readonly startDraft: (kind: string) => Promise<void>;
  readonly discardDraft: (draftId: string) => Promise<DiscardResult>;
}

export function ProductDescription({ kind, draft, missingRole, startDraft, discardDraft }: ProductDescriptionProps) {
  const styles = useStyles();
  const [starting, start] = useTransition();
  const facts = [
    [words.facts.imports, kind.imports.join(', ')],
    [words.facts.folder, words.facts.folderOf(kind.folder)],
    [words.facts.often, words.facts.oftenValue],
    [words.facts.from, words.facts.fromValue],
  ] as const;

  return (
    <article className={styles.page}>
      <header className={styles.head}>
        <KindIcon captures={kind.captures} slug={kind.slug} size={48} />
        <div>
          <h1 className={styles.title}>{kind.name}</h1>
          <p className={styles.lead}>{kind.description}</p>
        </div>
      </header>
      {draft === null ? null : (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>
            {words.draftOf(draft.startedBy)} {text.wizard.saved} <Time value={draft.savedAt} />.
          </MessageBarBody>
        </MessageBar>
      )}
      <dl className={styles.facts}>
        {facts.map(([term, value]) => (
          <div key={term}>
            <dt className={styles.term}>{term}</dt>
            <dd className={styles.value}>{value}</dd>
          </div>
        ))}
      </dl>
      <section aria-labelledby="before-you-begin">
        <h2 id="before-you-begin" className={styles.heading}>
          {words.before}
        </h2>
        <ul className={styles.checklist}>
          {itemsBefore(kind).map(({ item, why }) => (
            <li key={item} className={styles.item}>
              {why === null ? (
                <CheckmarkCircleRegular className={styles.icon} aria-hidden />
              ) : (
                <ShieldTaskRegular className={styles.icon} aria-hidden />
              )}
              <div>
                {item}
                {why === null ? null : <p className={styles.why}>{why}</p>}
              </div>
            </li>
          ))}
        </ul>
      </section>
      {missingRole === null ? (
        <div className={styles.actions}>
          {draft === null ? (
            <Button
              appearance="primary"
              size="large"
              disabledFocusable={starting}
              onClick={() => start(() => startDraft(kind.slug))}
            >
              {words.add}
            </Button>
          ) : (
            <>
              <LinkButton appearance="primary" href={`/data-connectors/${kind.slug}/new/${draft.step}`}>
                {words.continueSetup}
              </LinkButton>
              <DiscardDraft draftId={draft.id} kindName={kind.name} discardDraft={discardDraft} />
            </>
          )}
        </div>
      ) : (
        <Text>{words.needsRole(missingRole)}</Text>
      )}
    </article>
  );
}

function itemsBefore(kind: ConnectorKind): readonly { readonly item: string; readonly why: string | null }[] {
  const items = words.beforeItems;
  return [
    { item: items.ordered(kind.name), why: null },
    { item: items.registered, why: null },
    { item: kind.captures === 'app' ? items.installed : items.network, why: null },
    { item: items.holds, why: items.holdsWhy },
    { item: items.consent, why: null },
  ];
}
