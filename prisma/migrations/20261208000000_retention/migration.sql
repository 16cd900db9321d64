-- How long records are kept, and how they go: a month at a time, as partitions, and never while somebody said that nothing may.
ALTER TABLE organization ADD COLUMN deletion_suspended_at timestamptz(3);
ALTER TABLE organization ADD COLUMN deletion_suspended_reason text;
ALTER TABLE organization ADD CONSTRAINT organization_suspended_says_why
  CHECK ((deletion_suspended_at IS NULL) = (deletion_suspended_reason IS NULL));

-- What was said and signed of a month of the audit log before it went (lib/audit/checkpoint.ts).
CREATE TABLE audit_checkpoint (
  organization_id uuid NOT NULL,
  month timestamptz(3) NOT NULL,
  entries bigint NOT NULL,
  digest bytea NOT NULL,
  blob_name text NOT NULL,
  made_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, month)
);
CREATE TRIGGER audit_checkpoint_append_only BEFORE UPDATE OR DELETE ON audit_checkpoint
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_checkpoint_no_truncate BEFORE TRUNCATE ON audit_checkpoint
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Why a month may not go; null: it may. Whoever asks, these hold: the rights to drop are the owner's, and this is the only
-- way to them.
CREATE FUNCTION why_month_stays(kind text, month timestamptz) RETURNS text LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  next_month timestamptz := (month AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
  IF kind NOT IN ('ledger', 'audit') OR month <> date_trunc('month', month AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' THEN
    RAISE EXCEPTION 'no such month of no such kind';
  END IF;
  IF next_month > now() - interval '1 year' THEN RETURN 'too_young'; END IF;
  IF EXISTS (SELECT FROM organization WHERE deletion_suspended_at IS NOT NULL) THEN RETURN 'suspended'; END IF;
  IF kind = 'ledger' THEN
    IF EXISTS (SELECT FROM undone u WHERE u.archived_at >= month AND u.archived_at < next_month) THEN RETURN 'undone'; END IF;
    IF EXISTS (SELECT FROM delivery d WHERE d.archived_at >= month AND d.archived_at < next_month
      AND d.state IN ('pending', 'sending', 'created')) THEN RETURN 'under_way'; END IF;
  ELSE
    IF EXISTS (SELECT FROM audit_unlinked u WHERE u.entry_at >= month AND u.entry_at < next_month) THEN RETURN 'not_linked'; END IF;
    IF EXISTS (SELECT FROM audit_link l WHERE l.entry_at >= month AND l.entry_at < next_month AND NOT EXISTS (
      SELECT FROM audit_checkpoint c WHERE c.organization_id = l.organization_id AND c.month = why_month_stays.month))
    THEN RETURN 'no_checkpoint'; END IF;
  END IF;
  RETURN NULL;
END $$;

-- Drops a month. Raises where it stays.
CREATE FUNCTION drop_month(kind text, month timestamptz) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  why text;
  parent text;
  part text;
BEGIN
  PERFORM set_config('lock_timeout', '10s', true);
  FOREACH parent IN ARRAY CASE kind WHEN 'ledger' THEN ARRAY['attachment', 'delivery', 'item'] ELSE ARRAY['audit_entry'] END LOOP
    part := parent || '_' || to_char(month AT TIME ZONE 'UTC', 'YYYY_MM');
    -- Locked before it is asked: nothing can be written into it meanwhile.
    IF to_regclass(part) IS NOT NULL THEN EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', part); END IF;
  END LOOP;
  why := why_month_stays(kind, month);
  IF why IS NOT NULL THEN RAISE EXCEPTION 'the month stays: %', why; END IF;
  FOREACH parent IN ARRAY CASE kind WHEN 'ledger' THEN ARRAY['attachment', 'delivery', 'item'] ELSE ARRAY['audit_entry'] END LOOP
    part := parent || '_' || to_char(month AT TIME ZONE 'UTC', 'YYYY_MM');
    IF to_regclass(part) IS NOT NULL THEN
      EXECUTE format('ALTER TABLE %I DETACH PARTITION %I', parent, part);
      EXECUTE format('DROP TABLE %I', part);
    END IF;
  END LOOP;
END $$;

-- Finding a month of links does not read all of them.
CREATE INDEX audit_link_time ON audit_link (entry_at);
