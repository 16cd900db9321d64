-- A mapping version has rows and a rule: whether people whom no row names are found by their e-mail address, and in which
-- region national numbers are read. Who is owed a copy is fenced by the version, so another rule is another version.
ALTER TABLE mapping_version
  -- null: as the connector's, as long as no other version has come into force after this one
  ADD COLUMN automatic_mapping boolean,
  ADD COLUMN default_region text,
  -- of the mode `rule`: which parts of the rule somebody changed; its rows are those of the version before
  ADD COLUMN rule_changes text[] NOT NULL DEFAULT '{}',
  ADD CONSTRAINT mapping_version_rule CHECK ((automatic_mapping IS NULL) = (default_region IS NULL)),
  DROP CONSTRAINT mapping_version_mode,
  ADD CONSTRAINT mapping_version_mode CHECK (mode IN ('replace', 'add', 'restore', 'rule')),
  ADD CONSTRAINT mapping_version_rule_changes CHECK (
    rule_changes <@ '{automatic,region}'::text[] AND (mode = 'rule') = (cardinality(rule_changes) > 0)),
  -- Neither a row nor the e-mail address: nobody could be imported.
  ADD CONSTRAINT mapping_version_names_somebody CHECK (
    status <> 'in_force' OR automatic_mapping IS DISTINCT FROM false OR row_count > 0);

-- Until now it could not be changed after the set-up.
UPDATE mapping_version v SET automatic_mapping = c.automatic_mapping, default_region = c.default_region
  FROM connector c WHERE c.id = v.connector_id AND c.status <> 'draft' AND (c.automatic_mapping OR v.row_count > 0);

-- A rule without a row is finished as well, once it came into force.
CREATE OR REPLACE FUNCTION refuse_change_of_finished_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM touched JOIN mapping_version v ON v.id = touched.version_id
      WHERE (v.row_count > 0 OR v.mode = 'rule' AND v.status <> 'proposed') AND (TG_OP <> 'DELETE' OR v.rows_cleared_at IS NULL)) THEN
    RAISE EXCEPTION 'the rows of a finished mapping version do not change';
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION refuse_change_of_version_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.row_count > 0 OR OLD.mode = 'rule' AND OLD.status <> 'proposed') AND (
    (OLD.organization_id, OLD.connector_id, OLD.number, OLD.origin, OLD.file_name, OLD.file_sha256,
      OLD.row_count, OLD.left_out_count, OLD.mode, OLD.base_version_id, OLD.rest_version_id, OLD.portal_rows, OLD.created_by,
      OLD.created_by_id, OLD.created_at, OLD.rule_changes)
    IS DISTINCT FROM (NEW.organization_id, NEW.connector_id, NEW.number, NEW.origin, NEW.file_name, NEW.file_sha256,
      NEW.row_count, NEW.left_out_count, NEW.mode, NEW.base_version_id, NEW.rest_version_id, NEW.portal_rows, NEW.created_by,
      NEW.created_by_id, NEW.created_at, NEW.rule_changes)
    -- One that had none of its own is told once what its rule was.
    OR OLD.automatic_mapping IS NOT NULL AND (OLD.automatic_mapping, OLD.default_region)
      IS DISTINCT FROM (NEW.automatic_mapping, NEW.default_region)) THEN
    RAISE EXCEPTION 'what a finished mapping version is does not change';
  END IF;
  RETURN NEW;
END $$;

-- Where the number of an item's owner does not say its region, the connector's stands in for it, and does again when that is
-- another one.
ALTER TABLE delivery ADD COLUMN region_assumed boolean NOT NULL DEFAULT false;
-- The owner is always owed a copy: where no copy of an item has an international number, its owner has none.
UPDATE delivery d SET region_assumed = true
 WHERE d.state IN ('waiting', 'pending') AND NOT EXISTS (
   SELECT 1 FROM delivery o WHERE o.archived_at = d.archived_at AND o.item_id = d.item_id AND btrim(o.written) LIKE '+%');
