-- Who is signed in. The browser's cookie names a row; what somebody may do is here, and is asked for again every few minutes
-- with the refresh token, so that a role that was taken away in Entra ID is gone here, too, and signing out means it.
CREATE TABLE portal_session (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organization (id),
  user_id uuid NOT NULL,
  name text NOT NULL,
  address text NOT NULL,
  roles text[] NOT NULL,                        -- as the token said them at the last check
  signed_in_at timestamptz(3) NOT NULL,
  checked_at timestamptz(3) NOT NULL,           -- when Entra ID last said so
  last_used_at timestamptz(3) NOT NULL,
  refresh_token_sealed text,                    -- null: none, or ended
  ended_at timestamptz(3),
  ended_by text,                                -- signed_out, refused
  CONSTRAINT portal_session_end CHECK ((ended_at IS NULL) = (ended_by IS NULL)),
  CONSTRAINT portal_session_ended_by CHECK (ended_by IN ('signed_out', 'refused')),
  CONSTRAINT portal_session_ended_holds_nothing CHECK (ended_at IS NULL OR refresh_token_sealed IS NULL)
);
CREATE INDEX portal_session_person ON portal_session (organization_id, user_id, last_used_at);
