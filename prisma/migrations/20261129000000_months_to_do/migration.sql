-- Copies that are to be sent are looked for in the months of imports whose staged content is held, and in no others: a
-- statement over the ledger's partitions that does not say which has every month of seven years planned for. So it must be
-- true, whatever writes here, that a copy on its way belongs to such an import.

CREATE INDEX import_with_content ON import (organization_id)                                               -- [sql]
  WHERE started_at IS NOT NULL AND staging_cleared_at IS NULL;

-- What this refuses from now on, and would be overlooked.
UPDATE import i SET staging_cleared_at = NULL, pages = pages + 1
WHERE staging_cleared_at IS NOT NULL AND (SELECT sum(c.count) FROM import_counter c
  WHERE c.import_id = i.id AND c.outcome = 'copies.pending') > 0;

CREATE FUNCTION refuse_copies_without_content() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  of_import uuid := CASE TG_TABLE_NAME WHEN 'import' THEN (to_jsonb(NEW) ->> 'id')::uuid
    ELSE (to_jsonb(NEW) ->> 'import_id')::uuid END;
BEGIN
  -- Who notes it, and who sends copies on their way meanwhile, wait for each other here: neither sees what the other has
  -- not committed. Who collects the import goes on beside both.
  IF TG_TABLE_NAME = 'import' THEN
    PERFORM 1 FROM import i WHERE i.id = of_import FOR UPDATE;
  ELSE
    PERFORM 1 FROM import i WHERE i.id = of_import FOR KEY SHARE;
  END IF;
  IF EXISTS (SELECT 1 FROM import i WHERE i.id = of_import AND (i.started_at IS NULL OR i.staging_cleared_at IS NOT NULL)
      AND (SELECT sum(c.count) FROM import_counter c WHERE c.import_id = i.id AND c.outcome = 'copies.pending') > 0) THEN
    RAISE EXCEPTION 'import % has copies on their way, and its staged content is noted as looked through', of_import;
  END IF;
  RETURN NULL;
END $$;
-- At the commit, when both are written. Deliveries only make the number smaller, and pay nothing for it.
CREATE CONSTRAINT TRIGGER copies_on_their_way_hold_content AFTER INSERT ON import_counter
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.outcome = 'copies.pending' AND NEW.count > 0)
  EXECUTE FUNCTION refuse_copies_without_content();
CREATE CONSTRAINT TRIGGER more_copies_on_their_way_hold_content AFTER UPDATE OF count ON import_counter
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.outcome = 'copies.pending' AND NEW.count > OLD.count)
  EXECUTE FUNCTION refuse_copies_without_content();
CREATE CONSTRAINT TRIGGER content_of_copies_on_their_way_is_held AFTER UPDATE OF staging_cleared_at ON import
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.staging_cleared_at IS NOT NULL)
  EXECUTE FUNCTION refuse_copies_without_content();
