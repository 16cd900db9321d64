-- The rows of a proposal that was discarded, and so never in force, are removed some time later: up to a million for
-- every file that somebody uploaded and did not apply. What is known of the version stays.

ALTER TABLE mapping_version
  ADD COLUMN rows_cleared_at timestamptz(3),
  ADD CONSTRAINT mapping_version_rows_cleared CHECK (
    rows_cleared_at IS NULL OR (status = 'discarded' AND applied_at IS NULL));

CREATE OR REPLACE FUNCTION refuse_change_of_finished_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM touched JOIN mapping_version v ON v.id = touched.version_id
      WHERE v.row_count > 0 AND (TG_OP <> 'DELETE' OR v.rows_cleared_at IS NULL)) THEN
    RAISE EXCEPTION 'the rows of a finished mapping version do not change';
  END IF;
  RETURN NULL;
END $$;

-- Others may rest on it (lib/mapping/version-rows.ts). Both changes are made under the lock of the connector's versions.
CREATE FUNCTION refuse_clearing_of_needed_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.rows_cleared_at IS NOT NULL AND NEW.rows_cleared_at IS DISTINCT FROM OLD.rows_cleared_at THEN
    RAISE EXCEPTION 'rows that were removed do not come back';
  END IF;
  IF NEW.rows_cleared_at IS NOT NULL AND EXISTS (
      SELECT 1 FROM mapping_version v WHERE v.rest_version_id = NEW.id AND v.connector_id = NEW.connector_id
        AND v.rows_cleared_at IS NULL) THEN
    RAISE EXCEPTION 'another mapping version rests on these rows';
  END IF;
  IF NEW.rows_cleared_at IS NULL AND NEW.rest_version_id IS NOT NULL AND EXISTS (
      SELECT 1 FROM mapping_version r WHERE r.id = NEW.rest_version_id AND r.rows_cleared_at IS NOT NULL) THEN
    RAISE EXCEPTION 'the rows of the mapping version to rest on were removed';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER mapping_version_clearing BEFORE INSERT OR UPDATE OF rows_cleared_at, rest_version_id ON mapping_version
  FOR EACH ROW EXECUTE FUNCTION refuse_clearing_of_needed_rows();
