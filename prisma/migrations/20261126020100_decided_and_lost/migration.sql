-- The mapping version by which everything that is not sent yet was decided. Nothing is claimed while another is in force.
-- No foreign key: a version is never deleted while it is in force, and what is no longer in force needs no row.
ALTER TABLE connector ADD COLUMN decided_version_id uuid;
UPDATE connector c SET decided_version_id = v.id
  FROM mapping_version v WHERE v.connector_id = c.id AND v.status = 'in_force' AND c.status = 'draft';

-- In which mailboxes a copy was in doubt, where it was given to another one or waits for one since.
ALTER TABLE delivery ADD COLUMN doubt_user_ids uuid[];
-- By id, as they are looked at; those that are not in their mailbox have no time of import.
DROP INDEX delivery_doubted;
CREATE INDEX delivery_doubted ON delivery (organization_id, id) WHERE doubt = 1;

-- Time that the source no longer had when its turn came. It has no import, and an alert says so.
ALTER TABLE import_window DROP CONSTRAINT import_window_state;
ALTER TABLE import_window ADD CONSTRAINT import_window_state CHECK (state IN ('open', 'closed', 'lost'));
