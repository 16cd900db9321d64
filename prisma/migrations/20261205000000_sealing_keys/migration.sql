-- Which keys of the ring something may be sealed under, so that a start can tell at once whether one is lacking. A process
-- writes the key that it seals with before it seals anything, and again while it runs; `npm run rotate-keys` removes one
-- under which nothing lies any more.
CREATE TABLE sealing_key (
  id text PRIMARY KEY,                          -- as in ENCRYPTION_KEYS
  check_value bytea NOT NULL,                   -- derived from the key: another key under the same id is seen
  first_used_at timestamptz(3) NOT NULL DEFAULT now(),
  last_used_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT sealing_key_check_value CHECK (octet_length(check_value) = 32)
);
