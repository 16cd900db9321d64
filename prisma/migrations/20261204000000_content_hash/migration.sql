-- The content hash of each copy, as the message was made. Until now only the message's own header had it, which whoever may
-- change the message may change with it. Null: the copy is older than this column, or was found in its mailbox by a look-up.
ALTER TABLE delivery ADD COLUMN content_hash bytea;
ALTER TABLE delivery ADD CONSTRAINT delivery_content_hash CHECK (octet_length(content_hash) = 32);
