-- A live connector's mapping changes by versions that somebody proposes, compares with what is in force, and applies.

ALTER TABLE mapping_version
  ADD COLUMN mode text NOT NULL DEFAULT 'replace',
  -- What it was made on: the version in force then, or the one that it brings back. No foreign key: versions go only with
  -- a draft, all at once.
  ADD COLUMN base_version_id uuid,
  -- Whose rows hold for every number that this version has no row of; null: it has all of its rows itself. That one has all
  -- of its own. A row more in a mapping of a million costs a row. To read a version: lib/mapping/version-rows.ts.
  ADD COLUMN rest_version_id uuid,
  ADD COLUMN portal_rows text,                  -- rows of the portal that the file does not have: keep, remove
  ADD COLUMN created_by_id text,                -- object id of the person; null: before this, or a draft's
  ADD COLUMN approval_requested_by text,
  ADD COLUMN approval_requested_by_id text,
  ADD COLUMN approval_requested_at timestamptz(3),
  ADD COLUMN approved_by text,
  ADD COLUMN approved_by_id text,
  ADD COLUMN discarded_by text,
  ADD COLUMN discarded_at timestamptz(3),
  ADD COLUMN declined_reason text,
  ADD CONSTRAINT mapping_version_mode CHECK (mode IN ('replace', 'add', 'restore')),
  ADD CONSTRAINT mapping_version_portal_rows CHECK (portal_rows IN ('keep', 'remove')),
  ADD CONSTRAINT mapping_version_nobody_approves_their_own CHECK (approved_by_id IS NULL OR (
    approval_requested_by_id IS NOT NULL AND approved_by_id <> approval_requested_by_id
    AND approved_by_id IS DISTINCT FROM created_by_id));

-- The number of the version that brought the row, whose file has it in line row_number; null: the row's version itself.
ALTER TABLE mapping_row ADD COLUMN brought_by integer;

ALTER TABLE organization
  ADD COLUMN mapping_approval boolean NOT NULL DEFAULT false,
  -- who wants to do without; another administrator has to want it too
  ADD COLUMN mapping_approval_off_by text,
  ADD COLUMN mapping_approval_off_by_id text,
  ADD CONSTRAINT organization_mapping_approval_off CHECK (mapping_approval OR mapping_approval_off_by_id IS NULL);

-- A version whose rows were counted is finished: it is what deliveries and approvals name.
CREATE FUNCTION refuse_change_of_finished_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM touched JOIN mapping_version v ON v.id = touched.version_id AND v.row_count > 0) THEN
    RAISE EXCEPTION 'the rows of a finished mapping version do not change';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER mapping_row_added_in_time AFTER INSERT ON mapping_row REFERENCING NEW TABLE AS touched
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_finished_version();
CREATE TRIGGER mapping_row_withdrawn_in_time AFTER DELETE ON mapping_row REFERENCING OLD TABLE AS touched
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_finished_version();
CREATE TRIGGER mapping_row_no_update BEFORE UPDATE ON mapping_row
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER mapping_row_no_truncate BEFORE TRUNCATE ON mapping_row
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION refuse_change_of_version_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.row_count > 0 AND (OLD.organization_id, OLD.connector_id, OLD.number, OLD.origin, OLD.file_name, OLD.file_sha256,
      OLD.row_count, OLD.left_out_count, OLD.mode, OLD.base_version_id, OLD.rest_version_id, OLD.portal_rows, OLD.created_by,
      OLD.created_by_id, OLD.created_at)
    IS DISTINCT FROM (NEW.organization_id, NEW.connector_id, NEW.number, NEW.origin, NEW.file_name, NEW.file_sha256,
      NEW.row_count, NEW.left_out_count, NEW.mode, NEW.base_version_id, NEW.rest_version_id, NEW.portal_rows, NEW.created_by,
      NEW.created_by_id, NEW.created_at) THEN
    RAISE EXCEPTION 'what a finished mapping version is does not change';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER mapping_version_facts BEFORE UPDATE ON mapping_version
  FOR EACH ROW EXECUTE FUNCTION refuse_change_of_version_facts();
