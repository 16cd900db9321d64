-- What listings after a restore found elsewhere is judged when everything of that time is collected. A connector that was paused at
-- the backup ends its recovery before that, and is judged when it was resumed.

ALTER TABLE recovery_connector ADD COLUMN judged_at timestamptz(3);
UPDATE recovery_connector SET judged_at = ended_at WHERE ended_at IS NOT NULL AND NOT was_paused;
