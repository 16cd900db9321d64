-- An administrator may choose the hour of the daily import. Null: the minute is the connector's own, early in the UTC day.
-- `schedule_minute` stays what the planner reads, and always says the minute that is meant.
ALTER TABLE connector
  ADD COLUMN schedule_hour integer,                -- UTC
  ADD CONSTRAINT connector_schedule_hour CHECK (schedule_hour BETWEEN 0 AND 23 AND schedule_minute / 60 = schedule_hour);

-- Who has done anything to a connector, and what one of them did, newest first.
CREATE INDEX audit_entry_actor ON audit_entry (organization_id, target_type, target_id, actor, id);
