-- What is not, or not wholly, in its mailbox, and nobody signed it off: a narrow row for each, in the order in which lists
-- show it. The ledger itself lies in a part for each month, and a list or a sum over all of them had every month planned for
-- and looked into. Triggers keep it: whatever writes to the ledger, it is true, in the same transaction. Of copies that
-- arrive nothing is written; their rows cost a comparison.
CREATE TABLE undone (
  connector_id uuid NOT NULL,
  kind text NOT NULL,                           -- lib/imports/counts.ts; what is stopped is on its way, and not among it
  archived_at timestamptz(3) NOT NULL,
  id bigint NOT NULL,                           -- of the delivery; of the item where that is unreadable
  organization_id uuid NOT NULL,
  source_id bigint NOT NULL,
  import_id uuid NOT NULL,
  item_id bigint NOT NULL,
  reason text NOT NULL,                         -- empty where none was stored
  number text,                                  -- who waits for it
  PRIMARY KEY (connector_id, kind, archived_at, id),
  CONSTRAINT undone_kind CHECK (kind IN ('waiting', 'failed', 'unreadable', 'partial', 'missing'))
);
CREATE INDEX undone_reason ON undone (connector_id, kind, reason, archived_at, id);
-- Whichever connector of the account imported them.
CREATE INDEX undone_missing ON undone (source_id, archived_at, id) WHERE kind = 'missing';                 -- [sql]

-- As what a copy is undone; null where it is not.
CREATE FUNCTION undone_kind(state text, reason text, doubt smallint, sign_off_id bigint) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN sign_off_id IS NOT NULL THEN NULL
    WHEN state IN ('waiting', 'failed') THEN state
    WHEN state NOT IN ('imported', 'partially_imported') THEN NULL
    WHEN reason = 'missing_in_mailbox' THEN CASE WHEN doubt = 1 THEN 'missing' END
    WHEN state = 'partially_imported' THEN 'partial'
  END
$$;

CREATE FUNCTION keep_undone_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  before text;
  after text;
BEGIN
  IF TG_OP <> 'INSERT' THEN before := undone_kind(OLD.state, OLD.reason, OLD.doubt, OLD.sign_off_id); END IF;
  IF TG_OP <> 'DELETE' THEN after := undone_kind(NEW.state, NEW.reason, NEW.doubt, NEW.sign_off_id); END IF;
  IF before IS NOT NULL THEN
    IF after IS NOT DISTINCT FROM before
      AND (OLD.connector_id, OLD.import_id, OLD.item_id, OLD.reason, OLD.number)
        IS NOT DISTINCT FROM (NEW.connector_id, NEW.import_id, NEW.item_id, NEW.reason, NEW.number) THEN
      RETURN NULL;
    END IF;
    DELETE FROM undone WHERE connector_id = OLD.connector_id AND kind = before AND archived_at = OLD.archived_at
      AND id = OLD.id;
  END IF;
  IF after IS NOT NULL THEN
    INSERT INTO undone (connector_id, kind, archived_at, id, organization_id, source_id, import_id, item_id, reason, number)
    VALUES (NEW.connector_id, after, NEW.archived_at, NEW.id, NEW.organization_id, NEW.source_id, NEW.import_id, NEW.item_id,
      coalesce(NEW.reason, ''), NEW.number);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER undone_inserted AFTER INSERT ON delivery FOR EACH ROW
  WHEN (NEW.state IN ('waiting', 'failed', 'partially_imported') OR NEW.reason = 'missing_in_mailbox')
  EXECUTE FUNCTION keep_undone_delivery();
CREATE TRIGGER undone_updated AFTER UPDATE ON delivery FOR EACH ROW
  WHEN (OLD.state IN ('waiting', 'failed', 'partially_imported') OR NEW.state IN ('waiting', 'failed', 'partially_imported')
    OR OLD.reason = 'missing_in_mailbox' OR NEW.reason = 'missing_in_mailbox')
  EXECUTE FUNCTION keep_undone_delivery();
CREATE TRIGGER undone_deleted AFTER DELETE ON delivery FOR EACH ROW
  WHEN (OLD.state IN ('waiting', 'failed', 'partially_imported') OR OLD.reason = 'missing_in_mailbox')
  EXECUTE FUNCTION keep_undone_delivery();

CREATE FUNCTION keep_undone_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    DELETE FROM undone WHERE connector_id = OLD.connector_id AND kind = 'unreadable' AND archived_at = OLD.archived_at
      AND id = OLD.id;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO undone (connector_id, kind, archived_at, id, organization_id, source_id, import_id, item_id, reason)
    SELECT NEW.connector_id, 'unreadable', NEW.archived_at, NEW.id, NEW.organization_id, NEW.source_id, NEW.import_id, NEW.id,
      coalesce(NEW.reason, '') WHERE NEW.outcome = 'unreadable' AND NEW.sign_off_id IS NULL;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER undone_inserted AFTER INSERT ON item FOR EACH ROW WHEN (NEW.outcome = 'unreadable')
  EXECUTE FUNCTION keep_undone_item();
CREATE TRIGGER undone_updated AFTER UPDATE ON item FOR EACH ROW
  WHEN (OLD.outcome = 'unreadable' OR NEW.outcome = 'unreadable') EXECUTE FUNCTION keep_undone_item();
CREATE TRIGGER undone_deleted AFTER DELETE ON item FOR EACH ROW WHEN (OLD.outcome = 'unreadable')
  EXECUTE FUNCTION keep_undone_item();

-- What is there from before.
INSERT INTO undone (connector_id, kind, archived_at, id, organization_id, source_id, import_id, item_id, reason, number)
SELECT d.connector_id, undone_kind(d.state, d.reason, d.doubt, d.sign_off_id), d.archived_at, d.id, d.organization_id,
  d.source_id, d.import_id, d.item_id, coalesce(d.reason, ''), d.number
FROM delivery d WHERE undone_kind(d.state, d.reason, d.doubt, d.sign_off_id) IS NOT NULL
UNION ALL
SELECT t.connector_id, 'unreadable', t.archived_at, t.id, t.organization_id, t.source_id, t.import_id, t.id,
  coalesce(t.reason, ''), NULL
FROM item t WHERE t.outcome = 'unreadable' AND t.sign_off_id IS NULL;
