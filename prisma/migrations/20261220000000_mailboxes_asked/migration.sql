-- Which mailboxes were asked in vain after a restore, and since when none has answered: only those are told of, and only those may
-- be gone on without (lib/recovery/stalled.ts).

ALTER TABLE recovery_connector ADD COLUMN tried_at timestamptz(3);   -- when a run last got no further
ALTER TABLE recovery_mailbox
  ADD COLUMN asked_at timestamptz(3),           -- when it last gave no answer
  ADD COLUMN answered_at timestamptz(3);        -- when a page of its list came
