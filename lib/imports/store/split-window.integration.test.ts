/** What was collected before a window was split, where the source's retention ran through it: it lies before the window now. */
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Person } from '#sandbox/world/people.ts';
import { startTestSandbox, type TestSandbox } from '#testing/sandbox.ts';
import { collectDue } from '../collect.ts';
import { type Engine, startEngine } from '../engine.fixture.ts';
import { planConnector } from '../plan.ts';
import { people, scriptedSource, sms } from '../scripted-source.fixture.ts';
import { startOfUtcDay } from '../windows.ts';
import { undecidedCopies, undecidedImports } from './decide.ts';
import { namedContent } from './named-content.ts';

const [anna] = people as readonly [Person];

let sandbox: TestSandbox;
let engine: Engine;
let pool: pg.Pool;
beforeAll(async () => {
  sandbox = await startTestSandbox();
  const source = scriptedSource();
  engine = await startEngine(sandbox, { source: () => source });
  pool = engine.database.pool;
  const archivedAt = new Date(source.settledThrough.getTime() - 3_600_000);
  source.listed.push(sms(anna, archivedAt));
  const { organizationId } = engine;
  const connectorId = await engine.connect({ firstImportFrom: startOfUtcDay(archivedAt) });
  const never = new AbortController().signal;
  await planConnector(engine.deps, { organizationId, connectorId, trigger: 'first' }, never);
  await collectDue(engine.deps, organizationId, connectorId, never);
  // As `splitOff` leaves the window that keeps the import.
  await pool.query(
    `UPDATE import_window SET starts_at = $1 WHERE id IN (SELECT window_id FROM import JOIN item ON import.id = item.import_id)`,
    [new Date(archivedAt.getTime() + 60_000)],
  );
});
afterAll(async () => {
  await engine?.close();
  await sandbox?.stop();
});

it('its content is named still, so that no sweep removes it', async () => {
  const { rows } = await pool.query<{ import_id: string; page: number }>('SELECT import_id, page FROM item');
  const [item] = rows;
  if (!item) throw new Error('nothing was collected');
  const pages = [String(item.page)];
  const named = await namedContent(pool, engine.organizationId, item.import_id, { pages, attachments: [] });
  expect([...named.pages]).toEqual(pages);
});

it('its copies are decided by a new mapping like any other', async () => {
  const { rows } = await pool.query<{ source_id: string; connector_id: string }>(
    'SELECT source_id, connector_id FROM delivery',
  );
  const [copy] = rows;
  if (!copy) throw new Error('nothing was collected');
  const whose = { id: copy.connector_id, organizationId: engine.organizationId, sourceId: copy.source_id };
  const imports = await undecidedImports(pool, whose);
  expect(imports).toHaveLength(1);
  for (const one of imports) {
    expect(await undecidedCopies(pool, one, { archivedAt: new Date(0), id: '0' }, 10)).toHaveLength(1);
  }
});
