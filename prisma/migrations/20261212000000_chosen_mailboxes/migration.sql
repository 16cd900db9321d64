-- Only chosen mailboxes: the addresses by which the limit was proven, lower case, and whether a mailbox that the directory
-- has is closed to this application. A version before this one writes 'no_mailbox' and leaves the new column as it is.
ALTER TABLE connector ADD COLUMN inside_mailbox text, ADD COLUMN outside_mailbox text;
ALTER TABLE directory_entry ADD COLUMN closed boolean NOT NULL DEFAULT false;
