-- Versions are evidence: deliveries, corrections and approvals name them. The database keeps them, whoever writes to it.

-- Forward only: proposed, then in force or discarded; in force, then superseded. What an end has said stays said.
CREATE FUNCTION refuse_change_of_ended_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status <> NEW.status
    AND (OLD.status, NEW.status) NOT IN (('proposed', 'in_force'), ('proposed', 'discarded'), ('in_force', 'superseded')) THEN
    RAISE EXCEPTION 'a mapping version does not go from % to %', OLD.status, NEW.status;
  END IF;
  IF OLD.status <> 'proposed' AND (OLD.reason, OLD.applied_by, OLD.applied_at, OLD.approval_requested_by,
      OLD.approval_requested_by_id, OLD.approval_requested_at, OLD.approved_by, OLD.approved_by_id, OLD.discarded_by,
      OLD.discarded_at, OLD.declined_reason)
    IS DISTINCT FROM (NEW.reason, NEW.applied_by, NEW.applied_at, NEW.approval_requested_by,
      NEW.approval_requested_by_id, NEW.approval_requested_at, NEW.approved_by, NEW.approved_by_id, NEW.discarded_by,
      NEW.discarded_at, NEW.declined_reason) THEN
    RAISE EXCEPTION 'how a mapping version came to its end does not change';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER mapping_version_forward_only BEFORE UPDATE ON mapping_version
  FOR EACH ROW EXECUTE FUNCTION refuse_change_of_ended_version();

-- With it its rows would go, unseen by their own triggers, and those of every version that rests on it. A draft has
-- decided nothing yet.
CREATE FUNCTION refuse_removal_of_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM connector c WHERE c.id = OLD.connector_id AND c.status = 'draft') THEN
    RAISE EXCEPTION 'mapping versions are removed with a draft only';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER mapping_version_stays BEFORE DELETE ON mapping_version
  FOR EACH ROW EXECUTE FUNCTION refuse_removal_of_version();
CREATE TRIGGER mapping_version_no_truncate BEFORE TRUNCATE ON mapping_version
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What a version rests on is finished, of the same connector, and has all of its rows itself.
CREATE FUNCTION refuse_unfounded_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM mapping_version r WHERE r.id = NEW.rest_version_id AND r.connector_id = NEW.connector_id
      AND r.organization_id = NEW.organization_id AND r.id <> NEW.id AND r.rest_version_id IS NULL) THEN
    RAISE EXCEPTION 'a mapping version rests on one of its connector that has all of its rows';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER mapping_version_rests BEFORE INSERT OR UPDATE OF rest_version_id ON mapping_version
  FOR EACH ROW WHEN (NEW.rest_version_id IS NOT NULL) EXECUTE FUNCTION refuse_unfounded_version();

-- A connector that was live does not become a draft again: its versions could be removed then.
CREATE FUNCTION refuse_draft_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a connector does not become a draft again';
END $$;
CREATE TRIGGER connector_no_draft_again BEFORE UPDATE OF status ON connector
  FOR EACH ROW WHEN (OLD.status <> 'draft' AND NEW.status = 'draft') EXECUTE FUNCTION refuse_draft_again();

-- A program asks for no approval: who holds its secret would be both of the two administrators. Asked when it is approved,
-- and no constraint of the row: what was approved so before is superseded like any other.
CREATE FUNCTION refuse_approval_for_program() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a person asks for the approval of a mapping version that a program brought';
END $$;
CREATE TRIGGER mapping_version_a_person_asks BEFORE UPDATE OF approved_by_id ON mapping_version
  FOR EACH ROW WHEN (OLD.approved_by_id IS NULL AND NEW.approved_by_id IS NOT NULL AND NEW.origin = 'api'
    AND NEW.mode <> 'restore' AND NEW.approval_requested_by_id IS NOT DISTINCT FROM NEW.created_by_id)
  EXECUTE FUNCTION refuse_approval_for_program();

-- Rows that were added in the portal: few, and asked about whenever a file comes.
CREATE INDEX mapping_row_portal ON mapping_row (version_id) WHERE origin = 'portal';                        -- [sql]
