/** From what somebody types to what it may mean, and to the items of one meaning. */
import type pg from 'pg';
import { z } from 'zod';
import { type Counts, countsOf } from '../imports/counts.ts';
import type { RowKey } from '../imports/store/undone.ts';
import { isRegion, parseNumber } from '../mapping/number.ts';
import { type Actor, authorize } from '../security/actor.ts';
import type { Subject } from './address.ts';
import { countOfOwner, itemsBetween, itemsCalled, itemsOfOwner, ownerOf } from './store/item-keys.ts';
import { importsNumbered, peopleCalled, regionsOf } from './store/readings.ts';
import { dayCounters, importOf } from './store/totals.ts';
import { dayOf, importNumberOf } from './subject.ts';

/** What a text may mean. `name`: of a person, of a connector whose import it is; null where the subject says all. */
export interface Reading {
  readonly subject: Subject;
  readonly name: string | null;
  /** of an import: its number; of a person: the mailbox's address, or the number */
  readonly detail: string | null;
}

const MOST_PEOPLE = 25;

/**
 * What of the books a text may mean: items, numbers and imports that are there, people that the directory or the source
 * knows. None: no match. Several: somebody has to choose.
 *
 * @throws NotAllowed
 */
export async function readingsOf(pool: pg.Pool, actor: Actor, text: string): Promise<Reading[]> {
  authorize(actor, 'evidence.read');
  const { organizationId } = actor;
  const day = dayOf(text);
  if (day !== null) return [{ subject: { kind: 'day', day }, name: null, detail: null }];
  const items = await itemsCalled(pool, organizationId, text);
  // An id is written exactly: who has typed a whole one means it.
  if (items.length > 0) return [{ subject: { kind: 'item', sourceItemId: text }, name: null, detail: null }];
  const importNumber = importNumberOf(text);
  if (importNumber !== null) {
    const imports = await importsNumbered(pool, organizationId, importNumber, MOST_PEOPLE);
    return imports.map(({ id, connector }) => ({
      subject: { kind: 'import', importId: id },
      name: connector,
      detail: String(importNumber),
    }));
  }
  const [numbers, people] = await Promise.all([
    numbersOf(pool, organizationId, text),
    peopleCalled(pool, organizationId, text, MOST_PEOPLE),
  ]);
  const ofNumbers = numbers.map(
    (number): Reading => ({ subject: { kind: 'number', number }, name: null, detail: null }),
  );
  const ofPeople = people.map(
    ({ userId, number, name, address }): Reading =>
      userId === null
        ? { subject: { kind: 'number', number }, name, detail: number }
        : { subject: { kind: 'person', userId }, name, detail: address },
  );
  return [...ofNumbers, ...ofPeople];
}

/** The numbers that a text may be, in any writing and in any region that the connectors read numbers in, with copies. */
async function numbersOf(pool: pg.Pool, organizationId: string, text: string): Promise<string[]> {
  const regions = (await regionsOf(pool, organizationId)).filter(isRegion);
  const read = regions.flatMap((region): readonly string[] => {
    const result = parseNumber(text, region);
    return result.ok ? [result.number] : result.readings;
  });
  const there: string[] = [];
  for (const number of new Set(read)) {
    const [found] = await itemsOfOwner(pool, organizationId, { userId: null, numbers: [number] }, null, 1);
    if (found) there.push(number);
  }
  return there;
}

export interface KeyPage {
  /** the newest first */
  readonly keys: readonly RowKey[];
  /** the key that the next page follows; null where this is the last */
  readonly next: RowKey | null;
}

/** A page of a subject's items. Empty where it is not the organization's. @throws NotAllowed */
export async function itemPage(
  pool: pg.Pool,
  actor: Actor,
  subject: Subject,
  after: RowKey | null,
  size: number,
): Promise<KeyPage> {
  authorize(actor, 'evidence.read');
  const found = await itemKeys(pool, actor.organizationId, subject, after, size + 1);
  const keys = found.slice(0, size);
  return { keys, next: found.length > size ? (keys.at(-1) ?? null) : null };
}

async function itemKeys(
  pool: pg.Pool,
  organizationId: string,
  subject: Subject,
  after: RowKey | null,
  limit: number,
): Promise<RowKey[]> {
  switch (subject.kind) {
    case 'item':
      return itemsCalled(pool, organizationId, subject.sourceItemId);
    case 'number':
    case 'person':
      return itemsOfOwner(pool, organizationId, await ownerOf(pool, organizationId, subject), after, limit);
    case 'day': {
      const from = new Date(`${subject.day}T00:00:00Z`);
      const to = new Date(from.getTime() + 86_400_000);
      return itemsBetween(pool, organizationId, { from, to, importId: null }, after, limit);
    }
    case 'import': {
      const run = await importOf(pool, organizationId, subject.importId);
      if (run === null) return [];
      const { from, to } = run;
      return itemsBetween(pool, organizationId, { from, to, importId: subject.importId }, after, limit);
    }
  }
}

/** What a subject comes to. `copies`: by state, counted up to `most`. */
export type Totals =
  | { readonly kind: 'counts'; readonly counts: Counts }
  | { readonly kind: 'copies'; readonly copies: Readonly<Record<string, number>>; readonly isMore: boolean }
  | null;

/** Copies of somebody that are counted: a count of all of them would read them all. */
const MOST_COUNTED = 1_000;

/** @throws NotAllowed */
export async function totalsOf(pool: pg.Pool, actor: Actor, subject: Subject): Promise<Totals> {
  authorize(actor, 'evidence.read');
  const { organizationId } = actor;
  switch (subject.kind) {
    case 'item':
      return null;
    case 'day':
    case 'import': {
      const which = subject.kind === 'day' ? { day: subject.day } : { importId: subject.importId };
      return { kind: 'counts', counts: countsOf(await dayCounters(pool, organizationId, which)) };
    }
    case 'number':
    case 'person': {
      const owner = await ownerOf(pool, organizationId, subject);
      const counts = await countOfOwner(pool, organizationId, owner, MOST_COUNTED + 1);
      const sum = [...counts.values()].reduce((a, b) => a + b, 0);
      return { kind: 'copies', copies: Object.fromEntries(counts), isMore: sum > MOST_COUNTED };
    }
  }
}

/** What a subject is called on its page: a person's name, the connector and number of an import. */
export async function nameOfSubject(pool: pg.Pool, actor: Actor, subject: Subject): Promise<Reading> {
  authorize(actor, 'evidence.read');
  const { organizationId } = actor;
  const nameless = { subject, name: null, detail: null };
  if (subject.kind === 'import') {
    const run = await importOf(pool, organizationId, subject.importId);
    return run === null ? nameless : { subject, name: run.connector, detail: String(run.number) };
  }
  if (subject.kind !== 'person' || !z.guid().safeParse(subject.userId).success) return nameless;
  const [person] = await peopleCalled(pool, organizationId, subject.userId, 1);
  return person === undefined ? nameless : { subject, name: person.name, detail: person.address };
}
