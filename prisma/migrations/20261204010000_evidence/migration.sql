-- Evidence is asked for by person and by number.

-- Whose mailbox a copy is in: the index that holds one copy an item and mailbox begins with the mailbox from now on. What
-- looks for the copies of an item has delivery_once_a_participant.
DROP INDEX delivery_once_a_mailbox;
CREATE UNIQUE INDEX delivery_once_a_mailbox ON delivery (user_id, archived_at, item_id)
  WHERE user_id IS NOT NULL AND state <> 'skipped';

-- A number's copies, once they are settled: written once a copy. Without the condition it would be written three times, when
-- a copy is owed, claimed and settled.
CREATE INDEX delivery_number ON delivery (number, archived_at)
  WHERE state IN ('waiting', 'imported', 'partially_imported', 'skipped', 'failed');

-- What corrections found of an item's copies.
CREATE INDEX correction_copy_item ON correction_copy (organization_id, item_id);
-- Who has a mailbox, by the object id.
CREATE INDEX directory_entry_user ON directory_entry (organization_id, user_id);
