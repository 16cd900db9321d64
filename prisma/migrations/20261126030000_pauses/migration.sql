-- Until when Microsoft asked us to leave a mailbox alone, or the whole organization. It outlives the run that was refused:
-- the next one, on whichever worker, obeys it too.
CREATE TABLE mailbox_pause (
  organization_id uuid NOT NULL REFERENCES organization (id),
  user_id uuid NOT NULL,                        -- Graph object id
  shard smallint NOT NULL,                      -- of that mailbox
  until timestamptz(3) NOT NULL,
  PRIMARY KEY (organization_id, user_id)
);
CREATE INDEX mailbox_pause_shard ON mailbox_pause (organization_id, shard, until);
ALTER TABLE organization ADD COLUMN graph_paused_until timestamptz(3);

-- Since when copies of an import that is over are on their way again; null where what it holds is at rest.
ALTER TABLE import ADD COLUMN unsettled_since timestamptz(3);

-- A missing attachment is asked for by a job of its own: when, and what it was announced to be, since that job opens no item.
-- One that was put off when its page was collected has not been missed yet: `first_missed_at` is null.
ALTER TABLE attachment ADD COLUMN ask_again_at timestamptz(3);
ALTER TABLE attachment ADD COLUMN announced_sha256 text;
UPDATE attachment SET ask_again_at = now() WHERE state = 'missing';
CREATE INDEX attachment_missing ON attachment (import_id, ask_again_at) WHERE state = 'missing';
