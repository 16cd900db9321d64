-- A mailbox that takes items which none of those who are owed a copy can receive. Off while it is null.
ALTER TABLE connector
  ADD COLUMN fallback_mailbox text,                -- address, as the directory writes it
  ADD COLUMN fallback_user_id uuid,                -- Graph object id, as the directory said when it was set
  ADD CONSTRAINT connector_fallback_is_whole CHECK ((fallback_mailbox IS NULL) = (fallback_user_id IS NULL));

-- One copy an item, whoever is owed one: its participant is a word that no phone can have written (those are kept in
-- lower case), so that delivery_once_a_participant holds it.
ALTER TABLE delivery ADD CONSTRAINT delivery_fallback_once CHECK ((rule = 'fallback') <= (participant = 'FALLBACK'));
