-- Five wrong passwords lock an account at the source. All workers and the portal sign in one after another, and a
-- password that was refused is not tried again.
ALTER TABLE connector ADD COLUMN signing_in_until timestamptz(3);   -- somebody is at it, for so long at most
ALTER TABLE connector ADD COLUMN refused_password_sealed text;      -- password_sealed as it was when it was refused
