-- Who waits is read in order, a set at a time, whenever a mapping comes into force: by the index, not by sorting all of them.
CREATE INDEX delivery_waiting_in_order ON delivery (connector_id, archived_at, id)
  WHERE state = 'waiting' AND sign_off_id IS NULL;
