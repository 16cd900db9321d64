import type { Metadata } from 'next';
import { requireActor } from '#app/authentication.ts';
import { EvidencePage, type Found, type Outcome } from '#components/evidence/evidence-page.tsx';
import { evidence } from '#components/text/evidence.ts';
import { database } from '#lib/db.ts';
import type { EvidenceView, Subject } from '#lib/evidence/address.ts';
import { itemPage, nameOfSubject, type Reading, readingsOf, totalsOf } from '#lib/evidence/find.ts';
import { packageConnectors } from '#lib/evidence/package/choices.ts';
import { itemLines, proofOf } from '#lib/evidence/proof.ts';
import { evidenceView } from '#lib/evidence/subject.ts';
import { parseRowKey, rowKey } from '#lib/imports/undone-rows.ts';
import type { Actor } from '#lib/security/actor.ts';

export const metadata: Metadata = { title: evidence.title };

const ITEMS_A_PAGE = 25;

type Query = Readonly<Record<string, string | string[] | undefined>>;

export default async function Evidence({ searchParams }: { readonly searchParams: Promise<Query> }) {
  const actor = await requireActor('evidence.read');
  const query = await searchParams;
  const one = Object.entries(query).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []));
  const view = evidenceView(new URLSearchParams(one));
  const [outcome, connectors] = await Promise.all([outcomeOf(actor, view), packageConnectors(database().pool, actor)]);
  const today = new Date().toISOString().slice(0, 10);
  return (
    <EvidencePage
      view={view}
      outcome={outcome}
      choices={{ connectors, today, tooMany: query.package === 'too-many' }}
    />
  );
}

async function outcomeOf(actor: Actor, view: EvidenceView): Promise<Outcome> {
  const { pool } = database();
  if (view.of !== null) return { kind: 'found', found: await found(actor, view, view.of, null) };
  if (view.text === '') return { kind: 'start' };
  const readings = await readingsOf(pool, actor, view.text);
  const [only] = readings;
  if (only === undefined) return { kind: 'no-match' };
  if (readings.length > 1) return { kind: 'choose', readings };
  return { kind: 'found', found: await found(actor, view, only.subject, only) };
}

async function found(actor: Actor, view: EvidenceView, subject: Subject, reading: Reading | null): Promise<Found> {
  const { pool } = database();
  const after = view.after === null ? null : parseRowKey(view.after);
  const page = await itemPage(pool, actor, subject, after, ITEMS_A_PAGE);
  // What there is one of is opened at once.
  const [single] = page.keys.length === 1 && after === null && view.open === null ? page.keys : [];
  const open = single ?? (view.open === null ? null : parseRowKey(view.open));
  const [lines, totals, proof, named] = await Promise.all([
    itemLines(pool, actor, page.keys),
    totalsOf(pool, actor, subject),
    open === null ? null : proofOf(pool, actor, open),
    reading ?? nameOfSubject(pool, actor, subject),
  ]);
  return {
    reading: named,
    totals,
    lines,
    next: page.next === null ? null : rowKey(page.next),
    proof: open !== null && proof === null ? 'gone' : proof,
  };
}
