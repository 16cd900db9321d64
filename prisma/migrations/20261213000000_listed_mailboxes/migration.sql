-- After a restore the mailboxes that may have got copies since the backup are listed before anything is sent
-- (lib/recovery/compare.ts): what a mapping that was lost sent to another mailbox than the confirmed one names is found only so.

ALTER TABLE recovery_connector
  ADD COLUMN named_at timestamptz(3),           -- its mailboxes to list are in recovery_mailbox
  ADD COLUMN compare_at timestamptz(3),         -- not listed further before that; null: not confirmed yet
  ADD COLUMN compared_at timestamptz(3);        -- every mailbox is listed, and the connector goes on
-- What was confirmed before there were listings went on at once.
UPDATE recovery_connector SET named_at = confirmed_at, compared_at = confirmed_at WHERE confirmed_at IS NOT NULL;

CREATE TABLE recovery_mailbox (
  recovery_id smallint NOT NULL,
  connector_id uuid NOT NULL,
  user_id uuid NOT NULL,                        -- Graph object id
  organization_id uuid NOT NULL,
  address text,                                 -- as the directory writes it; null where only its folder is remembered
  listed_at timestamptz(3),
  copies integer,                               -- of the connector's account, written or changed since the backup
  problem text,                                 -- why it could not be listed: a reason code
  PRIMARY KEY (recovery_id, connector_id, user_id),
  CONSTRAINT recovery_mailbox_of FOREIGN KEY (recovery_id, connector_id)
    REFERENCES recovery_connector (recovery_id, connector_id)
);

-- A copy that a listing found. Those that the ledger knows when recovery ends go then.
CREATE TABLE recovery_copy (
  source_id bigint NOT NULL REFERENCES source (id),
  property text NOT NULL,                       -- value of the item's named property
  user_id uuid NOT NULL,
  message_id text NOT NULL,                     -- Graph's immutable id
  organization_id uuid NOT NULL,
  recovery_id smallint NOT NULL REFERENCES recovery (id),
  source_item_id text,                          -- as the property says; null where that is only its end
  archived_at timestamptz(3),                   -- the delivery that it was taken over as
  delivery_id bigint,
  refused boolean NOT NULL DEFAULT false,       -- cannot be taken over: another copy has its place
  PRIMARY KEY (source_id, property, user_id, message_id)
);
