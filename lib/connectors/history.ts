/** *History*: who did what to a connector, from the audit log. */
import type pg from 'pg';
import { z } from 'zod';
import { AUDIT_ACTIONS, AUTOMATIC_ACTIONS, ORGANIZATION_ACTIONS, SYSTEM } from '../audit/entries.ts';
import { type Actor, authorize } from '../security/actor.ts';
import { maskedNumber, seesNumbers } from '../security/shown-number.ts';
import {
  type Detail,
  type DetailName,
  type DetailValue,
  type HistoryEntry,
  type HistorySelection,
  KIND_OF,
  SHOWN_DETAILS,
} from './history-words.ts';

export interface HistoryPage {
  /** newest first */
  readonly entries: readonly HistoryEntry[];
  /** entry before which the next page begins; null where this is the last */
  readonly next: string | null;
}

export interface HistoryPerson {
  /** Entra object id, or `system` */
  readonly id: string;
  /** null: the portal itself */
  readonly name: string | null;
}

interface Row {
  readonly id: string;
  readonly at: Date;
  readonly actor: string;
  readonly actor_name: string;
  readonly action: string;
  readonly result: string;
  readonly detail: unknown;
}

/**
 * A page of a connector's history. Empty where the connector is not the organization's.
 *
 * @param size entries a page
 * @throws NotAllowed
 */
export async function historyPage(
  pool: pg.Pool,
  actor: Actor,
  connectorId: string,
  { person, kind, before }: HistorySelection,
  size: number,
): Promise<HistoryPage> {
  authorize(actor, 'history.read');
  const actions = kind === null ? null : AUDIT_ACTIONS.filter((action) => KIND_OF[action] === kind);
  return pageOf(pool, actor, { type: 'connector', id: connectorId }, { person, actions, before }, size);
}

/** Who signed in, was refused or exported something is the audit log's. */
const OF_ORGANIZATION = ORGANIZATION_ACTIONS.filter((action) => action.startsWith('organization.'));

/**
 * A page of what was done to the organization itself.
 *
 * @param before as in a selection
 * @throws NotAllowed
 */
export async function organizationHistory(
  pool: pg.Pool,
  actor: Actor,
  before: string | null,
  size: number,
): Promise<HistoryPage> {
  authorize(actor, 'history.read');
  const target = { type: 'organization', id: actor.organizationId } as const;
  return pageOf(pool, actor, target, { person: null, actions: OF_ORGANIZATION, before }, size);
}

async function pageOf(
  pool: pg.Pool,
  actor: Actor,
  target: { readonly type: 'connector' | 'organization'; readonly id: string },
  {
    person,
    actions,
    before,
  }: Pick<HistorySelection, 'person' | 'before'> & { readonly actions: readonly string[] | null },
  size: number,
): Promise<HistoryPage> {
  const automatic = [...AUTOMATIC_ACTIONS];
  const { rows } = await pool.query<Row>(
    `SELECT id::text, at, actor, actor_name, action, result, detail FROM audit_entry
     WHERE organization_id = $1 AND target_type = $7 AND target_id = $2
       AND ($3::text IS NULL OR actor = $3) AND ($4::text[] IS NULL OR action = ANY ($4))
       AND ($5::bigint IS NULL OR id < $5) AND action <> ALL ($8)
     ORDER BY id DESC LIMIT $6`,
    [actor.organizationId, target.id, person, actions, before, size + 1, target.type, automatic],
  );
  const shown = rows.slice(0, size);
  const masked = !seesNumbers(actor);
  return {
    entries: shown.map((row) => entryOf(row, masked)),
    next: rows.length > size ? (shown.at(-1)?.id ?? null) : null,
  };
}

/**
 * Everybody who has done anything to a connector, by the name they had last. One look at the index for each, however many
 * entries there are. @throws NotAllowed
 */
export async function historyPeople(pool: pg.Pool, actor: Actor, connectorId: string): Promise<HistoryPerson[]> {
  authorize(actor, 'history.read');
  const { rows } = await pool.query<{ actor: string; name: string }>(
    `WITH RECURSIVE of AS (
       (SELECT actor, actor_name FROM audit_entry
        WHERE organization_id = $1 AND target_type = 'connector' AND target_id = $2 ORDER BY actor DESC, id DESC LIMIT 1)
       UNION ALL
       SELECT next.* FROM of, LATERAL (
         SELECT actor, actor_name FROM audit_entry
         WHERE organization_id = $1 AND target_type = 'connector' AND target_id = $2 AND actor < of.actor
         ORDER BY actor DESC, id DESC LIMIT 1) next)
     SELECT actor, actor_name AS name FROM of`,
    [actor.organizationId, connectorId],
  );
  return rows
    .map(({ actor: id, name }) => ({ id, name: id === SYSTEM.userId ? null : name }))
    .toSorted((a, b) => (a.name ?? '').localeCompare(b.name ?? '', 'en'));
}

function entryOf(row: Row, masked: boolean): HistoryEntry {
  return {
    id: row.id,
    at: row.at.toISOString(),
    person: row.actor === SYSTEM.userId ? null : row.actor_name,
    action: row.action,
    result: row.result === 'refused' ? 'refused' : 'done',
    detail: detailOf(row.detail, masked),
  };
}

const scalar = z.union([z.string(), z.number()]);
const valueSchema = z.union([scalar, z.boolean(), z.null(), z.array(scalar)]);

/** What is shown of a detail, and as this person may see it. @param masked numbers of people in part only */
export function detailOf(detail: unknown, masked: boolean): Detail {
  if (typeof detail !== 'object' || detail === null) return {};
  const given = new Map<string, unknown>(Object.entries(detail));
  const shown: [DetailName, DetailValue][] = SHOWN_DETAILS.flatMap((name): [DetailName, DetailValue][] => {
    const value = valueSchema.safeParse(given.get(name));
    return value.success ? [[name, masked ? maskedValue(name, value.data) : value.data]] : [];
  });
  return Object.fromEntries(shown);
}

/** Numbers are shown in part wherever they stand, also in what somebody wrote as a reason. */
function maskedValue(name: DetailName, value: DetailValue): DetailValue {
  const hidden = (text: string): string =>
    text.replace(name === 'reason' || name === 'comment' ? WRITTEN_NUMBER : NUMBER, (number) =>
      maskedNumber(number.replace(/[^+\d]/g, '')),
    );
  if (typeof value === 'string') return hidden(value);
  if (value === null || typeof value !== 'object') return value;
  return value.map((one) => (typeof one === 'string' ? hidden(one) : one));
}

const NUMBER = /\+\d[\d ().-]{5,}\d/g;
/** As people write them; a day is none. */
const WRITTEN_NUMBER = /(?<!\d)(?!\d{4}-\d\d-\d\d(?!\d))\+?\(?\d[\d ().-]{5,}\d/g;
