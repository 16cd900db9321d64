-- What the portal decides by itself is in the audit log, too. Written by triggers on the rows that a decision changes, so
-- that no code can make one without the other.
CREATE FUNCTION audit_decision(organization_id uuid, action text, connector_id uuid, detail jsonb)
RETURNS void LANGUAGE sql AS $$
  INSERT INTO audit_entry (organization_id, actor, actor_name, action, target_type, target_id, detail)
  VALUES (organization_id, 'system', 'system', action, 'connector', connector_id::text, detail)
$$;

CREATE FUNCTION audit_import() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  import_window import_window;
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT * INTO import_window FROM import_window w WHERE w.id = NEW.window_id;
    PERFORM audit_decision(NEW.organization_id, 'import.opened', NEW.connector_id, jsonb_build_object(
      'number', NEW.number, 'kind', NEW.trigger,
      'from', to_char(import_window.starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'to', to_char(import_window.ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')));
  ELSE
    PERFORM audit_decision(NEW.organization_id, 'import.completed', NEW.connector_id, jsonb_build_object(
      'number', NEW.number, 'balanced', NEW.balanced, 'listed', NEW.manifest_count, 'counts', NEW.counts_at_completion));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER import_opened_is_audited AFTER INSERT ON import
  FOR EACH ROW EXECUTE FUNCTION audit_import();
CREATE TRIGGER import_completed_is_audited AFTER UPDATE OF phase ON import
  FOR EACH ROW WHEN (NEW.phase = 'completed' AND OLD.phase <> 'completed') EXECUTE FUNCTION audit_import();

CREATE FUNCTION audit_connector() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.stopped_at IS NOT NULL AND OLD.stopped_at IS NULL THEN
    PERFORM audit_decision(NEW.organization_id, 'connector.stopped', NEW.id, jsonb_build_object('code', NEW.stopped_reason));
  END IF;
  IF NEW.decided_version_id IS DISTINCT FROM OLD.decided_version_id AND NEW.decided_version_id IS NOT NULL THEN
    PERFORM audit_decision(NEW.organization_id, 'mapping.decided', NEW.id, jsonb_build_object(
      'version', (SELECT v.number FROM mapping_version v WHERE v.id = NEW.decided_version_id)));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER connector_decision_is_audited AFTER UPDATE OF stopped_at, decided_version_id ON connector
  FOR EACH ROW EXECUTE FUNCTION audit_connector();

CREATE FUNCTION audit_alert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM audit_decision(NEW.organization_id,
    CASE TG_OP WHEN 'INSERT' THEN 'alert.raised' ELSE 'alert.ended' END, NEW.connector_id,
    jsonb_build_object('code', NEW.code) || NEW.detail);
  RETURN NULL;
END $$;
CREATE TRIGGER alert_raised_is_audited AFTER INSERT ON alert
  FOR EACH ROW WHEN (NEW.connector_id IS NOT NULL) EXECUTE FUNCTION audit_alert();
CREATE TRIGGER alert_ended_is_audited AFTER UPDATE OF resolved_at ON alert
  FOR EACH ROW WHEN (NEW.connector_id IS NOT NULL AND NEW.resolved_at IS NOT NULL AND OLD.resolved_at IS NULL)
  EXECUTE FUNCTION audit_alert();
