-- The first import may be one user's alone, until somebody has looked at it and lets the others follow.
ALTER TABLE connector
  ADD COLUMN first_user_id uuid,                   -- Graph object id; null: everybody is imported
  ADD COLUMN first_mailbox text,
  ADD CONSTRAINT connector_first_user CHECK ((first_user_id IS NULL) = (first_mailbox IS NULL));
