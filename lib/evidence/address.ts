/** Where proof is shown: a page's whole state in its address, as links write it. `subject.ts` reads it. Pure. */
export type Subject =
  /** the source's own id; of any account of the organization */
  | { readonly kind: 'item'; readonly sourceItemId: string }
  /** E.164 */
  | { readonly kind: 'number'; readonly number: string }
  /** Graph object id */
  | { readonly kind: 'person'; readonly userId: string }
  /** UTC day of arrival at the source, as 2026-11-21 */
  | { readonly kind: 'day'; readonly day: string }
  | { readonly kind: 'import'; readonly importId: string };

/** The page's state, all of it in its address. */
export interface EvidenceView {
  /** what was typed */
  readonly text: string;
  /** which reading of it was chosen; null: the only one */
  readonly of: Subject | null;
  /** key of the item that the next page follows; null for the newest */
  readonly after: string | null;
  /** key of the item that is opened */
  readonly open: string | null;
}

/** The address of a view. */
export function evidenceAddress({ text, of, after, open }: Partial<EvidenceView>): string {
  const query = new URLSearchParams();
  if (text) query.set('q', text);
  if (of) query.set('of', subjectKey(of));
  if (after) query.set('after', after);
  if (open) query.set('item', open);
  return query.size === 0 ? '/evidence' : `/evidence?${query}`;
}

/** As it stands in an address: `number:+12125550118`. */
export function subjectKey(subject: Subject): string {
  switch (subject.kind) {
    case 'item':
      return `item:${subject.sourceItemId}`;
    case 'number':
      return `number:${subject.number}`;
    case 'person':
      return `person:${subject.userId}`;
    case 'day':
      return `day:${subject.day}`;
    case 'import':
      return `import:${subject.importId}`;
  }
}
