-- The audit log as a chain. Entries are written in the transaction of what they tell about, in any order and by many at
-- once; linking them, one after another, comes seconds later and holds up nobody (lib/audit/link-entries.ts).

-- By month of the entry, so that what has been kept long enough goes as a partition and not row by row.
ALTER TABLE audit_entry RENAME TO audit_entry_unpartitioned;
ALTER INDEX audit_entry_pkey RENAME TO audit_entry_unpartitioned_pkey;
CREATE SEQUENCE audit_entry_id_seq_new;
CREATE TABLE audit_entry (                                                                                 -- [sql]
  id bigint NOT NULL DEFAULT nextval('audit_entry_id_seq_new'),
  organization_id uuid NOT NULL,
  at timestamptz(3) NOT NULL DEFAULT now(),
  actor text NOT NULL,                          -- object id of a person or program, or 'system'
  actor_name text NOT NULL,
  client_address text,                          -- where the request came from; null: from none
  action text NOT NULL,
  target_type text NOT NULL,
  target_id text NOT NULL,
  result text NOT NULL DEFAULT 'done',          -- done, refused
  detail jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (at, id)
) PARTITION BY RANGE (at);
CREATE TABLE audit_entry_default PARTITION OF audit_entry DEFAULT;

-- Makes the partition of the audit log that holds the given time. Safe to call from several workers at once.
CREATE FUNCTION ensure_audit_partition(at timestamptz) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  month timestamptz := date_trunc('month', at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
  next_month timestamptz := (date_trunc('month', at AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC';
  part text := 'audit_entry_' || to_char(month AT TIME ZONE 'UTC', 'YYYY_MM');
BEGIN
  IF to_regclass(part) IS NOT NULL THEN RETURN; END IF;
  PERFORM pg_advisory_xact_lock(hashtext('ensure_audit_partition'));
  IF to_regclass(part) IS NOT NULL THEN RETURN; END IF;
  -- Written while nobody had made it: such a month stays in the partition of everything else.
  IF EXISTS (SELECT FROM audit_entry_default d WHERE d.at >= month AND d.at < next_month) THEN RETURN; END IF;
  EXECUTE format('CREATE TABLE %I PARTITION OF audit_entry FOR VALUES FROM (%L) TO (%L)', part, month, next_month);
END $$;

SELECT ensure_audit_partition(month)
FROM (SELECT DISTINCT date_trunc('month', at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS month
      FROM audit_entry_unpartitioned
      UNION SELECT now() UNION SELECT now() + interval '1 month') months;

INSERT INTO audit_entry (id, organization_id, at, actor, actor_name, action, target_type, target_id, result, detail)
SELECT id, organization_id, at, actor, actor_name, action, target_type, target_id, result, detail
FROM audit_entry_unpartitioned;
SELECT setval('audit_entry_id_seq_new', coalesce((SELECT max(id) FROM audit_entry), 0) + 1, false);
DROP TABLE audit_entry_unpartitioned;
ALTER SEQUENCE audit_entry_id_seq_new RENAME TO audit_entry_id_seq;
ALTER SEQUENCE audit_entry_id_seq OWNED BY audit_entry.id;

CREATE INDEX audit_entry_target ON audit_entry (organization_id, target_type, target_id, id);
CREATE INDEX audit_entry_actor ON audit_entry (organization_id, target_type, target_id, actor, id);
CREATE INDEX audit_entry_time ON audit_entry (organization_id, at, id);
CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE ON audit_entry
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What is to be linked. A row lives for seconds.
CREATE TABLE audit_unlinked (
  organization_id uuid NOT NULL,
  entry_id bigint NOT NULL,
  entry_at timestamptz(3) NOT NULL,
  PRIMARY KEY (organization_id, entry_id)
);
INSERT INTO audit_unlinked SELECT organization_id, id, at FROM audit_entry;

CREATE FUNCTION audit_entry_to_link() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO audit_unlinked VALUES (NEW.organization_id, NEW.id, NEW.at);
  RETURN NULL;
END $$;
CREATE TRIGGER audit_entry_is_linked AFTER INSERT ON audit_entry
  FOR EACH ROW EXECUTE FUNCTION audit_entry_to_link();

-- An organization's chain: 1, 2, 3 … Each mac covers the entry and the mac before it, under a key that is not here.
CREATE TABLE audit_link (
  organization_id uuid NOT NULL,
  seq bigint NOT NULL,
  entry_id bigint NOT NULL,
  entry_at timestamptz(3) NOT NULL,
  linked_at timestamptz(3) NOT NULL DEFAULT now(),
  key_id text NOT NULL,
  mac bytea NOT NULL,
  PRIMARY KEY (organization_id, seq)
);
CREATE UNIQUE INDEX audit_link_entry ON audit_link (entry_id);
CREATE TRIGGER audit_link_append_only BEFORE UPDATE OR DELETE ON audit_link
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_link_no_truncate BEFORE TRUNCATE ON audit_link
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What was said of the chain's head where this database cannot take it back.
CREATE TABLE audit_anchor (
  organization_id uuid NOT NULL,
  seq bigint NOT NULL,
  anchored_at timestamptz(3) NOT NULL,
  blob_name text NOT NULL,
  PRIMARY KEY (organization_id, seq)
);
CREATE TRIGGER audit_anchor_append_only BEFORE UPDATE OR DELETE ON audit_anchor
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- How the last look through the whole chain ended.
CREATE TABLE audit_verification (
  organization_id uuid PRIMARY KEY,
  verified_at timestamptz(3) NOT NULL,
  through_seq bigint NOT NULL,
  through_time timestamptz(3),                  -- of the last entry that was found as it was written
  anchor_seq bigint,                            -- up to which an anchor outside of the database says the same
  finding jsonb                                 -- the first fault; null: none
);

-- Whoever runs portal and workers may have fewer rights than who migrates (scripts/migrations/rights.ts): partitions are
-- made with those of the owner.
ALTER FUNCTION ensure_ledger_partitions(timestamptz) SECURITY DEFINER SET search_path = public, pg_temp;
