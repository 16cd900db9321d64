/** Copies whose sealed content the storage lost, while the source is asked for it: `store/seek-content.ts`. */
import type { ReasonCode } from '#lib/imports/reasons.ts';
import type { DeliveryRow } from './rows.ts';
import type { Tables } from './tables.ts';

/** Why a copy ends whose content may be asked for at the source just now. */
export function endReason(copy: Readonly<DeliveryRow>, reason: ReasonCode | null): string | null {
  const isLost = reason === 'content_missing' || reason === 'content_damaged';
  return isLost && copy.reason === 'content_sought' ? copy.reason : reason;
}

const SEEN: ReadonlySet<string> = new Set(['failed', 'partially_imported']);

export function endSeeking(tables: Tables, windowId: string): void {
  for (const { id } of tables.imports.with('window', windowId))
    for (const copy of tables.deliveries.with('import', id))
      if (copy.reason === 'content_sought' && SEEN.has(copy.state) && copy.signOffId === null)
        tables.deliveries.update(copy, { reason: 'content_not_given_again' satisfies ReasonCode });
}
