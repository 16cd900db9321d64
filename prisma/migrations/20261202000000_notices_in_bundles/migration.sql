-- A mail may be about many connectors: one for each recipient and cause, not one for each connector.
ALTER TABLE notice
  ADD COLUMN connector_ids uuid[],
  ADD COLUMN kind text,
  ADD COLUMN cause text,                        -- what is told in one mail: event and reason, or the kind
  ADD COLUMN address_id uuid;                   -- of a webhook or heartbeat: the address it was for
UPDATE notice SET connector_ids = ARRAY[connector_id], kind = content->>'kind',
  cause = coalesce(content->>'event' || ' ' || (content->>'subject'), content->>'kind');
UPDATE notice SET content = jsonb_build_object('kind', 'bundle', 'items', jsonb_build_array(content)) WHERE channel = 'email';

-- What waits already was made for one connector each: it goes as it is, and gathers nothing.
UPDATE notice SET attempts = greatest(attempts, 1) WHERE channel = 'email' AND state = 'pending';

-- Nothing is given up any more: what could not be delivered is tried on, or told together with what came of it.
ALTER TABLE notice DROP CONSTRAINT notice_state;
UPDATE notice SET state = 'superseded' WHERE state = 'given_up';
ALTER TABLE notice
  ADD CONSTRAINT notice_state CHECK (state IN ('pending', 'sent', 'withdrawn', 'superseded')),
  ADD CONSTRAINT notice_of_connectors CHECK (cardinality(connector_ids) >= 1 AND (channel = 'email' OR cardinality(connector_ids) = 1)),
  ALTER COLUMN connector_ids SET NOT NULL,
  ALTER COLUMN kind SET NOT NULL,
  ALTER COLUMN cause SET NOT NULL;
DROP INDEX notice_connector;
ALTER TABLE notice DROP COLUMN connector_id;
CREATE INDEX notice_connectors ON notice USING gin (connector_ids);
-- One mail of a cause gathers at a time; it is closed by its first attempt.
CREATE UNIQUE INDEX notice_gathering ON notice (organization_id, target, kind, cause)                     -- [sql]
  WHERE channel = 'email' AND state = 'pending' AND attempts = 0;
CREATE INDEX notice_cause ON notice (organization_id, target, cause, created_at);

-- An address that is set anew is another one, also on the same host.
ALTER TABLE notification_setting
  ADD COLUMN webhook_id uuid,
  ADD COLUMN heartbeat_id uuid,
  ADD COLUMN tested_at timestamptz(3);          -- when somebody last pressed the test button
UPDATE notification_setting SET webhook_id = gen_random_uuid() WHERE webhook_host IS NOT NULL;
UPDATE notification_setting SET heartbeat_id = gen_random_uuid() WHERE heartbeat_host IS NOT NULL;
UPDATE notice n SET address_id = CASE n.channel WHEN 'webhook' THEN s.webhook_id ELSE s.heartbeat_id END
  FROM notification_setting s WHERE n.channel <> 'email' AND s.connector_id = n.connector_ids[1];
ALTER TABLE notification_setting
  ADD CONSTRAINT notification_setting_webhook_id CHECK ((webhook_host IS NULL) = (webhook_id IS NULL)),
  ADD CONSTRAINT notification_setting_heartbeat_id CHECK ((heartbeat_host IS NULL) = (heartbeat_id IS NULL));

-- Read every minute, and cleared of what ended long ago.
CREATE INDEX notification_condition_organization ON notification_condition (organization_id, ended_at);
