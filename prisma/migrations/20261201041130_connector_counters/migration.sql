-- What a connector's pages add up must not grow with its imports. When an import's staging is cleared, all of its counters
-- are brought into rows of shard -1, which nobody else writes, and are added to its connector's (foldCounters). So a
-- connector's numbers are these sums and the few rows of other shards, in one statement and so in one moment; who writes
-- counters writes them as ever, and never waits for a row that all imports of a connector share.
CREATE TABLE connector_counter (
  connector_id uuid NOT NULL REFERENCES connector (id),
  outcome text NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (connector_id, outcome)
);

-- Until now -1 was the collector's shard, which is -2 from here on: most rows lie in -1 already, of imports that are cleared.
-- Those of others go to -2; then what is cleared is brought together, and added up.
UPDATE import_counter k SET shard = -2 FROM import i
WHERE i.id = k.import_id AND i.staging_cleared_at IS NULL AND k.shard = -1;
WITH gone AS (
  DELETE FROM import_counter k USING import i
  WHERE i.id = k.import_id AND i.staging_cleared_at IS NOT NULL AND k.shard <> -1
  RETURNING k.import_id, k.outcome, k.count
)
INSERT INTO import_counter AS c (import_id, shard, outcome, count)
SELECT import_id, -1, outcome, sum(count) FROM gone GROUP BY import_id, outcome
ON CONFLICT (import_id, shard, outcome) DO UPDATE SET count = c.count + excluded.count;
INSERT INTO connector_counter (connector_id, outcome, count)
SELECT i.connector_id, k.outcome, sum(k.count) FROM import_counter k JOIN import i ON i.id = k.import_id
WHERE k.shard = -1 GROUP BY i.connector_id, k.outcome;

-- The few that are in no sum yet: of imports that are under way, or of which something was changed since they were over.
CREATE INDEX import_counter_open ON import_counter (import_id) WHERE shard <> -1;                           -- [sql]
DROP INDEX import_counter_to_do;
CREATE INDEX import_counter_to_do ON import_counter (import_id)                                            -- [sql]
  WHERE shard <> -1 AND outcome IN ('copies.waiting', 'copies.failed', 'items.unreadable',
    'signed_off.waiting', 'signed_off.failed', 'signed_off.unreadable');
