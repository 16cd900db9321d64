import { notFound } from 'next/navigation';
import { DIFFERENCE_KINDS, type DifferenceView } from '#components/mapping/addresses.ts';
import { CountedAt } from '#components/mapping/counted-at.tsx';
import { countOf } from '#components/mapping/difference-counts.ts';
import { DifferenceRows } from '#components/mapping/difference-rows.tsx';
import { DifferenceTiles } from '#components/mapping/difference-tiles.tsx';
import { Effect, type ProposalActions } from '#components/mapping/effect.tsx';
import { RuleDifference } from '#components/mapping/rule-difference.tsx';
import type { ComparingParts } from '#lib/connectors/mapping/parts.ts';
import {
  confirmationPhrase,
  type DifferenceKind,
  differenceRows,
  SHIFTED_PHRASE,
  type VersionDifference,
  type versionDifference,
} from '#lib/connectors/mapping/use-cases.ts';
import type { Actor } from '#lib/security/actor.ts';
import { countAgainAction } from '../actions.ts';

// Each waits for its own part of a comparison, which takes seconds where a version has a million rows.

const ROWS_A_PAGE = 50;

interface Compared {
  readonly input: { readonly connectorId: string; readonly versionId: string; readonly against: string | null };
  readonly difference: ReturnType<typeof versionDifference>;
}

async function found({ difference }: Compared): Promise<VersionDifference> {
  const result = await difference;
  return result.kind === 'difference' ? result : notFound();
}

/** The kind that is asked for; else the first that has rows. */
async function kindOf(compared: Compared, { kind }: DifferenceView): Promise<DifferenceKind> {
  if (kind !== null) return kind;
  const { counts } = await found(compared);
  return DIFFERENCE_KINDS.find((one) => countOf(counts, one) > 0) ?? 'changed';
}

export async function TilesOf({ view, ...compared }: Compared & { readonly view: DifferenceView }) {
  const { counts, countedAt } = await found(compared);
  const { connectorId, versionId } = compared.input;
  return (
    <>
      <DifferenceTiles {...{ connectorId, versionId, counts, view }} kind={await kindOf(compared, view)} />
      <CountedAt at={countedAt} input={compared.input} countAgain={countAgainAction} />
    </>
  );
}

/** What another rule does; nothing where it is the same. */
export async function RuleOf(compared: Compared) {
  const { rule } = await found(compared);
  return rule === null ? null : <RuleDifference rule={rule} />;
}

interface RowsOfProps extends Compared {
  readonly parts: ComparingParts;
  readonly actor: Actor;
  readonly view: DifferenceView;
}

export async function RowsOf({ parts, actor, view, ...compared }: RowsOfProps) {
  const kind = await kindOf(compared, view);
  const { connectorId, versionId } = compared.input;
  const asked = { ...compared.input, kind, after: view.after, limit: ROWS_A_PAGE };
  const page = await differenceRows(parts, actor, asked);
  if (page === null) notFound();
  return <DifferenceRows {...{ connectorId, versionId, view, kind, page }} />;
}

export async function EffectOf({ actions, ...compared }: Compared & { readonly actions: ProposalActions | null }) {
  const difference = await found(compared);
  const phrases = { apply: confirmationPhrase(difference.version.number), shifted: SHIFTED_PHRASE };
  return <Effect connectorId={compared.input.connectorId} {...{ difference, phrases, actions }} />;
}
