/**
 * A portal's database after some months of work, in sets: connectors, windows, imports, counters that add up, the ledger's
 * items and copies, what waits and what failed, alerts, verifications, mapping versions. Nothing here is code of the
 * product: what the engine would have left behind is written down once more.
 */
import pg from 'pg';

export const ORGANIZATION = '5f0d6a3e-2c84-4b19-9a57-1e6c8b40d271';

export interface LedgerPlan {
  readonly connectors: number;
  /** of item and delivery together */
  readonly rows: number;
  /** days of history, one window and one import a day and connector */
  readonly days: number;
  /** registered users, and rows of the mapping, of the large connector */
  readonly users: number;
}

export interface Filled {
  /** the connector that has a fifth of everything; the others share the rest alike */
  readonly large: string;
  readonly rows: number;
  readonly seconds: number;
  /** what took how many seconds of them */
  readonly steps: readonly (readonly [string, number])[];
}

/** Constraints of rows that are added by hand are those of the schema; keys to other tables, and triggers, are not asked. */
const UNASKED = 'SET session_replication_role = replica';

/** Indexes of what is large are made when it is filled: sorted, and not row by row. */
const FILLED = ['item', 'delivery', 'import_counter', 'import'];

/** Fills a migrated, empty database. */
export async function fillLedger(url: string, plan: LedgerPlan): Promise<Filled> {
  const begun = performance.now();
  const steps: [string, number][] = [];
  const step = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    const from = performance.now();
    await work();
    steps.push([name, (performance.now() - from) / 1_000]);
  };
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(UNASKED);
    await client.query(
      "SET maintenance_work_mem = '512MB'; SET work_mem = '256MB'; SET max_parallel_workers_per_gather = 0",
    );
    await client.query("SET timezone = 'UTC'");
    await step('connectors', () => connectors(client, plan));
    const indexes = await withoutIndexes(client);
    await step('imports', () => runs(client, plan));
    await step('ledger', () => ledger(client, plan));
    await step('counters', () => counters(client, plan));
    await step('undone', () => undone(client));
    await step('indexes', async () => {
      for (const definition of indexes) await client.query(definition);
    });
    await step('the rest', () => around(client, plan));
    // As autovacuum leaves it.
    await step('vacuum', () => client.query('VACUUM ANALYZE'));
    const { rows } = await client.query<{ id: string; rows: string }>(
      `SELECT (SELECT id FROM bench_connector WHERE no = 1) AS id,
         (SELECT count(*) FROM item) + (SELECT count(*) FROM delivery) AS rows`,
    );
    await client.query('DROP TABLE bench_connector, bench_run');
    const [found] = rows;
    return {
      large: found?.id ?? '',
      rows: Number(found?.rows),
      seconds: (performance.now() - begun) / 1_000,
      steps,
    };
  } finally {
    await client.end();
  }
}

async function connectors(client: pg.Client, { connectors: count }: LedgerPlan): Promise<void> {
  await client.query(
    `INSERT INTO organization (id, name, verified_domains) VALUES ($1, 'Alder & Byrne', '{alderbyrne.example}')`,
    [ORGANIZATION],
  );
  await client.query(
    `CREATE TABLE bench_connector AS
       SELECT n AS no, gen_random_uuid() AS id, n::bigint AS source_id,
         (ARRAY['android-archiver', 'whatsapp-archiver', 'verizon-network', 'telegram-archiver', 'o2-network'])[n % 5 + 1] AS kind
       FROM generate_series(1, $1::int) n`,
    [count],
  );
  await client.query(
    `INSERT INTO source (id, organization_id, kind, account_id, account_name)
       SELECT source_id, $1, kind, 'account-' || no, 'Branch ' || no FROM bench_connector`,
    [ORGANIZATION],
  );
  await client.query(
    `INSERT INTO connector (id, organization_id, kind, name, status, terms_version, terms_accepted_at, terms_accepted_by,
       source_id, username, password_sealed, source_connector_id, mapping_confirmed_at, consent_proven_at, first_import_from,
       schedule_minute, created_by, finished_at, next_import_number, paused_at, stopped_at, stopped_reason)
     SELECT id, $1, kind, 'Branch ' || no || ' ' || (ARRAY['London', 'Leeds', 'Oslo', 'Zürich', 'Boston', 'Kraków'])[no % 6 + 1],
       'live', '1', now(), 'bench', source_id, 'archive.admin', 'sealed', 'c-' || no, now(), now(), now(), no % 1440, 'bench',
       now(), 1000, CASE WHEN no % 50 = 7 THEN now() END, CASE WHEN no % 100 = 9 THEN now() END,
       CASE WHEN no % 100 = 9 THEN 'source_credentials' END
     FROM bench_connector`,
    [ORGANIZATION],
  );
}

/** Takes the indexes away that no constraint needs. @returns how to make them again */
async function withoutIndexes(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `SELECT c.relname AS name, replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ') AS definition
     FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
     WHERE i.indrelid = ANY ($1::regclass[]) AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)`,
    [FILLED],
  );
  for (const { name } of rows) await client.query(`DROP INDEX ${client.escapeIdentifier(name)}`);
  // Its key begins with a random id: row by row, every insert would read another page of it.
  await client.query('ALTER TABLE import_counter DROP CONSTRAINT import_counter_pkey');
  const key = 'ALTER TABLE import_counter ADD CONSTRAINT import_counter_pkey PRIMARY KEY (import_id, shard, outcome)';
  return [key, ...rows.map(({ definition }) => definition)];
}

/** A window and an import a day and connector. The last day of one connector in twenty is under way. */
async function runs(client: pg.Client, { connectors: count, days, rows }: LedgerPlan): Promise<void> {
  const items = rows / 2 / days;
  await client.query(
    `CREATE TABLE bench_run AS
       SELECT c.no, c.id AS connector_id, c.source_id, d AS day, gen_random_uuid() AS import_id,
         (c.no - 1)::bigint * $1 + d AS window_id,
         date_trunc('day', now()) - make_interval(days => $1 - d + 1) AS starts_at,
         d = $1 AND c.no % 20 = 3 AS running,
         -- A part of an item a day becomes an item on some days.
         floor(d * share)::int - floor((d - 1) * share)::int AS items
       FROM bench_connector c CROSS JOIN generate_series(1, $1::int) d
         CROSS JOIN LATERAL (SELECT CASE WHEN c.no = 1 THEN $2::float8 * 0.2 ELSE $2::float8 * 0.8 / ($3 - 1) END AS share)`,
    [days, items, count],
  );
  await client.query(`ALTER TABLE bench_run ADD COLUMN first_id bigint`);
  await client.query(
    `UPDATE bench_run r SET first_id = o.first_id FROM (
       SELECT import_id, 1 + sum(items) OVER (ORDER BY day, no) - items AS first_id FROM bench_run) o
     WHERE o.import_id = r.import_id`,
  );
  await client.query('ANALYZE bench_run');
  await client.query('ALTER TABLE import_window DROP CONSTRAINT import_window_no_overlap');
  await client.query(
    `INSERT INTO import_window (id, organization_id, connector_id, starts_at, ends_at, follows, state, manifest_count, closed_at)
       SELECT window_id, $1, connector_id, starts_at, starts_at + interval '1 day', CASE WHEN day > 1 THEN starts_at END,
         CASE WHEN running THEN 'open' ELSE 'closed' END, items, CASE WHEN NOT running THEN starts_at + interval '25 hours' END
       FROM bench_run ORDER BY no, day`,
    [ORGANIZATION],
  );
  await client.query(
    `ALTER TABLE import_window ADD CONSTRAINT import_window_no_overlap
       EXCLUDE USING gist (connector_id WITH =, tstzrange(starts_at, ends_at) WITH &&)`,
  );
  await client.query(
    `INSERT INTO import (id, organization_id, connector_id, source_id, window_id, number, trigger, phase, pages, manifest_count,
       balanced, counts_at_completion, created_at, started_at, collected_at, completed_at, staging_cleared_at)
     SELECT import_id, $1, connector_id, source_id, window_id, day, CASE WHEN day = 1 THEN 'first' ELSE 'scheduled' END,
       CASE WHEN running THEN 'delivering' ELSE 'completed' END, 1, items, NOT running,
       CASE WHEN NOT running THEN jsonb_build_object(
         'items', jsonb_build_object('listed', items, 'pending', 0, 'imported', items, 'waiting', 0, 'failed', 0,
           'unreadable', 0, 'repeat', 0),
         'copies', jsonb_build_object('available', items, 'pending', 0, 'imported', items, 'partiallyImported', 0,
           'skipped', 0, 'failed', 0, 'waiting', 0, 'fallback', 0)) END,
       starts_at + interval '24 hours', starts_at + interval '24 hours', starts_at + interval '1446 minutes',
       CASE WHEN NOT running THEN starts_at + interval '25 hours' END,
       CASE WHEN ${IS_CLEARED.replace('$1', '$2')} THEN starts_at + interval '72 hours' END
     FROM bench_run r ORDER BY day, no`,
    [ORGANIZATION, days],
  );
}

/** Whether run `r` of `$1` days is over for long enough that nothing of it is staged any more. */
const IS_CLEARED = '(NOT r.running AND r.day < $1 - 2)';

/** What becomes of an item and of its copy, by its id: two in a thousand copies wait, one in two thousand failed. */
const FATE = `CASE WHEN r.running AND n * 2 > r.items THEN 'pending' WHEN id % 2000 = 0 THEN 'unreadable'
  WHEN id % 500 = 1 THEN 'waiting' WHEN id % 2000 = 2 THEN 'failed' WHEN id % 5000 = 3 THEN 'partially_imported'
  ELSE 'imported' END`;

const EACH = `bench_run r CROSS JOIN LATERAL generate_series(0, r.items - 1) n
  CROSS JOIN LATERAL (SELECT r.first_id + n AS id) AS i CROSS JOIN LATERAL (SELECT ${FATE} AS fate) AS f
  CROSS JOIN LATERAL (SELECT r.starts_at + interval '24 hours' * n / r.items AS archived_at) AS t
  CROSS JOIN LATERAL (SELECT r.no * 1000 + (id % CASE WHEN r.no = 1 THEN 1000 ELSE 3 END) AS person) AS p`;

/** A month at a time, so that every partition is filled from its first row to its last. */
async function ledger(client: pg.Client, { days }: LedgerPlan): Promise<void> {
  for (let month = 0; month <= Math.ceil(days / 28) + 1; month += 1) {
    await client.query('SELECT ensure_ledger_partitions(now() + interval $$1 month$$ - make_interval(months => $1))', [
      month,
    ]);
  }
  await client.query(
    `INSERT INTO item (archived_at, id, organization_id, source_id, connector_id, import_id, source_item_id, type,
       message_time, outcome, reason, page, frame_offset, frame_length)
     SELECT archived_at, id, $1, source_id, connector_id, import_id, 'item-' || id, 'sms', archived_at,
       CASE fate WHEN 'partially_imported' THEN 'imported' ELSE fate END,
       CASE fate WHEN 'unreadable' THEN 'unreadable_schema' END, 0, n * 300, 300
     FROM ${EACH} ORDER BY r.first_id, n`,
    [ORGANIZATION],
  );
  await client.query(
    `INSERT INTO delivery (archived_at, id, item_id, organization_id, source_id, connector_id, import_id, participant, number,
       written, region, rule, user_id, mailbox_address, shard, state, reason, message_id, imported_at, page, frame_offset,
       frame_length)
     SELECT archived_at, id, id, $1, source_id, connector_id, import_id, '+1212' || lpad(person::text, 7, '0'),
       '+1212' || lpad(person::text, 7, '0'), '+1212' || lpad(person::text, 7, '0'), 'US',
       CASE fate WHEN 'waiting' THEN 'none' ELSE 'mapping' END,
       CASE WHEN fate <> 'waiting' THEN lpad(to_hex(person), 32, '0')::uuid END,
       CASE WHEN fate <> 'waiting' THEN 'person.' || person || '@alderbyrne.example' END, person % 30, fate,
       CASE fate WHEN 'waiting' THEN 'not_mapped' WHEN 'failed' THEN 'mailbox_full' WHEN 'partially_imported' THEN
         'attachment_gone' END,
       CASE WHEN fate IN ('imported', 'partially_imported') THEN 'AAMkAGI2TG93AAA=' || id END,
       CASE WHEN fate IN ('imported', 'partially_imported') THEN archived_at + interval '25 hours' END, 0, n * 300, 300
     FROM ${EACH} WHERE fate <> 'unreadable' ORDER BY r.first_id, n`,
    [ORGANIZATION],
  );
}

/**
 * Added up from the ledger, so that both equations hold. The collector's are shard -2; deliveries count off what was to be
 * done, each shard in rows of its own until the import's staging is cleared: then they are closed (`foldCounters`). In the order of time: an
 * import's counters lie together.
 */
async function counters(client: pg.Client, { days }: LedgerPlan): Promise<void> {
  await client.query(
    `WITH done AS (
       SELECT import_id, shard, state, count(*) AS count FROM delivery WHERE state <> 'pending' GROUP BY 1, 2, 3
     ), waiting AS (
       SELECT import_id, sum(count) AS count FROM done WHERE state = 'waiting' GROUP BY 1
     ), unreadable AS (
       SELECT import_id, count(*) AS count FROM item WHERE outcome = 'unreadable' GROUP BY 1
     ), collected AS (
       SELECT r.import_id, r.items, coalesce(u.count, 0) AS unreadable, coalesce(w.count, 0) AS waiting FROM bench_run r
         LEFT JOIN unreadable u USING (import_id) LEFT JOIN waiting w USING (import_id)
     ), counted AS (
       SELECT import_id, -2 AS shard, outcome, count FROM collected CROSS JOIN LATERAL (VALUES
         ('items.listed', items), ('items.pending', items - unreadable), ('items.unreadable', unreadable),
         ('copies.available', items - unreadable - waiting), ('copies.pending', items - unreadable)) AS v (outcome, count)
       WHERE count > 0 OR outcome = 'items.listed'
       UNION ALL
       SELECT import_id, shard, outcome, sum(v.count) FROM done CROSS JOIN LATERAL (VALUES
         ('copies.' || state, count), ('items.' || replace(state, 'partially_', ''), count),
         ('items.pending', -count), ('copies.pending', -count)) AS v (outcome, count) GROUP BY 1, 2, 3
     )
     INSERT INTO import_counter (import_id, shard, outcome, count)
     SELECT import_id, CASE WHEN ${IS_CLEARED} THEN -1 ELSE c.shard END AS shard, c.outcome, sum(c.count)
     FROM counted c JOIN bench_run r USING (import_id)
     GROUP BY r.day, r.no, 1, 2, 3 ORDER BY r.day, r.no, 2, 3`,
    [days],
  );
  await client.query(
    `INSERT INTO connector_counter (connector_id, outcome, count)
     SELECT r.connector_id, k.outcome, sum(k.count) FROM import_counter k JOIN bench_run r USING (import_id)
     WHERE k.shard = -1 GROUP BY 1, 2`,
  );
}

/** As triggers would have kept it. */
async function undone(client: pg.Client): Promise<void> {
  const places = 'connector_id, kind, archived_at, id, organization_id, source_id, import_id, item_id, reason, number';
  await client.query(
    `INSERT INTO undone (${places})
     SELECT connector_id, undone_kind(state, reason, doubt, sign_off_id), archived_at, id, organization_id, source_id, import_id,
       item_id, coalesce(reason, ''), number FROM delivery WHERE state IN ('waiting', 'failed', 'partially_imported')
     UNION ALL
     SELECT connector_id, 'unreadable', archived_at, id, organization_id, source_id, import_id, id, coalesce(reason, ''), NULL
       FROM item WHERE outcome = 'unreadable'`,
  );
}

/** What else pages read: alerts, users, mapping versions and their rows, verifications and their lines. */
async function around(client: pg.Client, { days, users }: LedgerPlan): Promise<void> {
  await client.query(
    `INSERT INTO alert (organization_id, connector_id, code, raised_at, resolved_at)
       SELECT $1, c.id, 'mailbox_full', now() - make_interval(days => n), CASE WHEN n > 1 OR c.no % 20 <> 5 THEN now() END
       FROM bench_connector c CROSS JOIN generate_series(1, 10) n`,
    [ORGANIZATION],
  );
  const person = `CROSS JOIN generate_series(0, CASE WHEN c.no = 1 THEN ${users} ELSE 20 END - 1) u
    CROSS JOIN LATERAL (SELECT '+1212' || lpad((c.no * 1000 + u)::text, 7, '0') AS number, 'Person ' || u AS name) AS p`;
  await client.query(
    `INSERT INTO source_user (source_id, organization_id, mobile, number, email, name, status, last_archived_at)
       SELECT c.source_id, $1, p.number, p.number, 'person.' || u || '@alderbyrne.example', p.name, 'activated',
         now() - make_interval(days => u % 120)
       FROM bench_connector c ${person} ON CONFLICT DO NOTHING`,
    [ORGANIZATION],
  );
  await client.query(
    `INSERT INTO mapping_version (id, organization_id, connector_id, number, status, origin, file_name, row_count, reason,
       created_by, applied_by, applied_at)
     SELECT gen_random_uuid(), $1, c.id, n, CASE WHEN n = most THEN 'in_force' ELSE 'superseded' END, 'file', 'mapping.csv',
       CASE WHEN c.no = 1 THEN ${users} ELSE 20 END, 'People came and went', 'Grace', 'Grace', now()
     FROM bench_connector c CROSS JOIN LATERAL (SELECT CASE WHEN c.no = 1 THEN greatest($2::int / 15, 2) ELSE 2 END AS most) AS m
       CROSS JOIN LATERAL generate_series(1, most) n`,
    [ORGANIZATION, days],
  );
  await client.query(
    `INSERT INTO mapping_row (version_id, organization_id, number, row_number, mailbox)
       SELECT v.id, $1, p.number, u + 2, 'person.' || u || '@alderbyrne.example'
       FROM bench_connector c JOIN mapping_version v ON v.connector_id = c.id AND v.status = 'in_force' ${person}
     ON CONFLICT DO NOTHING`,
    [ORGANIZATION],
  );
  await client.query(
    `UPDATE connector c SET decided_version_id = v.id FROM mapping_version v WHERE v.connector_id = c.id AND v.status = 'in_force'`,
  );
  await client.query(
    `INSERT INTO verification (id, organization_id, connector_id, state, requested_by, requested_at, started_at, finished_at,
       mapping_version_id, users_read_at, done, total, counts)
     SELECT gen_random_uuid(), $1, c.id, 'done', 'system', now() - make_interval(days => d), now() - make_interval(days => d),
       now() - make_interval(days => d), c.decided_version_id, now() - make_interval(days => d), 20, 20,
       '{"registered": 20, "withMailbox": 20, "without": {}, "unusable": {}, "unregistered": 0, "oldestAnswerAt": null}'
     FROM bench_connector b JOIN connector c ON c.id = b.id
       CROSS JOIN LATERAL generate_series(0, $2::int - 1, CASE WHEN b.no = 1 THEN 1 ELSE 30 END) d`,
    [ORGANIZATION, days],
  );
  await client.query(
    `INSERT INTO coverage_line (verification_id, organization_id, mobile, number, name, name_key, words, email, status,
       last_archived_at, decides, result, rule, mailbox, mapping_row, mapped_mailbox, mapped_result, checked_at)
     SELECT v.id, $1, p.number, p.number, p.name, lower(p.name), lower(p.name) || ' person.' || u || '@alderbyrne.example',
       'person.' || u || '@alderbyrne.example', 'activated', now() - make_interval(days => u % 120), true,
       CASE WHEN u % 50 = 7 THEN 'no_mailbox' ELSE 'mailbox' END, 'mapping', 'person.' || u || '@alderbyrne.example', u + 2,
       'person.' || u || '@alderbyrne.example', CASE WHEN u % 50 = 7 THEN 'no_mailbox' ELSE 'mailbox' END, now()
     FROM bench_connector c ${person} CROSS JOIN LATERAL (
       SELECT id FROM verification v WHERE v.connector_id = c.id ORDER BY v.finished_at DESC LIMIT 2) AS v`,
    [ORGANIZATION],
  );
}
