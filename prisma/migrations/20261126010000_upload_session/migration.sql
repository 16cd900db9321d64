-- Upload sessions of large attachments that are under way, so that whichever worker comes next goes on where the one
-- before stopped. A row goes with its attachment's last byte; what was left behind goes when it has long expired.
CREATE TABLE upload_session (
  archived_at timestamptz(3) NOT NULL,          -- of the delivery
  delivery_id bigint NOT NULL,
  attachment text NOT NULL,                     -- the source's id, or that of a file of ours
  organization_id uuid NOT NULL REFERENCES organization (id),
  url_sealed text NOT NULL,                     -- whoever has the address may write into the mailbox
  sent bigint NOT NULL DEFAULT 0,               -- bytes that Graph has said it has
  expires_at timestamptz(3) NOT NULL,
  PRIMARY KEY (archived_at, delivery_id, attachment)
);
CREATE INDEX upload_session_expiry ON upload_session (expires_at);
