-- What pages of a connector add up grows with its days, and should not with its mailboxes, too: the counters of an import
-- that is over are one row an outcome (lib/imports/store/counters.ts brings them there when its staging is cleared). What is
-- there from before is brought there once.
WITH gone AS (
  DELETE FROM import_counter k USING import i
  WHERE i.id = k.import_id AND i.staging_cleared_at IS NOT NULL AND k.shard <> -1
  RETURNING k.import_id, k.outcome, k.count
)
INSERT INTO import_counter AS c (import_id, shard, outcome, count)
SELECT import_id, -1, outcome, sum(count) FROM gone GROUP BY import_id, outcome
ON CONFLICT (import_id, shard, outcome) DO UPDATE SET count = c.count + excluded.count;
