-- Correcting misfiled messages: a number's copies of a period that lie in another mailbox than the mapping in force gives
-- them. Everything that a worker needs to go on after any interruption is here.

CREATE TABLE correction (
  id uuid PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organization (id),
  connector_id uuid NOT NULL REFERENCES connector (id),
  source_id bigint NOT NULL REFERENCES source (id),
  number text NOT NULL,                         -- E.164
  period_from timestamptz(3) NOT NULL,          -- of message time, half-open
  period_to timestamptz(3) NOT NULL,
  reason text NOT NULL,                         -- why somebody corrects
  phase text NOT NULL DEFAULT 'listing',
  mapping_version_id uuid,                      -- by which it was listed; null: none was in force
  listed_archived_at timestamptz(3),            -- up to which copy it is listed
  listed_delivery_id bigint,
  -- at work: fenced by an epoch, as an import's collecting is
  owner text,
  epoch bigint NOT NULL DEFAULT 0,
  lease_until timestamptz(3),
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz(3) NOT NULL DEFAULT now(),
  problem text,                                 -- reason code of the last failed attempt
  -- who asked for what
  created_by text NOT NULL,
  created_by_name text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  confirmed_by_name text,
  confirmed_at timestamptz(3),
  removal_confirmed_by_name text,
  removal_confirmed_at timestamptz(3),
  ended_at timestamptz(3),
  CONSTRAINT correction_phase CHECK (phase IN ('listing', 'listed', 'copying', 'copied', 'removing', 'ended')),
  CONSTRAINT correction_period CHECK (period_from < period_to),
  CONSTRAINT correction_confirmed CHECK (phase NOT IN ('copying', 'copied', 'removing') OR confirmed_at IS NOT NULL),
  CONSTRAINT correction_removal_confirmed CHECK (phase <> 'removing' OR removal_confirmed_at IS NOT NULL),
  CONSTRAINT correction_ended CHECK ((phase = 'ended') = (ended_at IS NOT NULL))
);
-- Two that would move the same copies at once: the second is refused.
CREATE UNIQUE INDEX correction_one_open ON correction (connector_id, number) WHERE phase <> 'ended';         -- [sql]
CREATE INDEX correction_at_work ON correction (next_attempt_at) WHERE phase IN ('listing', 'copying', 'removing'); -- [sql]
CREATE INDEX correction_connector ON correction (connector_id, created_at);

-- A copy that was looked at, where it lay then, and what became of it. It stays as evidence of where the copy was before.
CREATE TABLE correction_copy (
  correction_id uuid NOT NULL REFERENCES correction (id),
  archived_at timestamptz(3) NOT NULL,          -- of the delivery
  delivery_id bigint NOT NULL,
  organization_id uuid NOT NULL,
  item_id bigint NOT NULL,
  source_item_id text NOT NULL,
  message_time timestamptz(3) NOT NULL,
  from_user_id uuid NOT NULL,                   -- the mailbox that it was in
  from_mailbox text NOT NULL,
  from_message_id text,                         -- null: it was skipped, another copy's message served it
  to_user_id uuid,                              -- the mailbox that the mapping gives; null: none
  to_mailbox text,
  state text NOT NULL,
  reason text,
  content_hashes text[],                        -- what the message in the right mailbox must have, one of them
  removable boolean NOT NULL DEFAULT false,     -- its message in the wrong mailbox is nobody else's
  heir_times timestamptz(3)[],                  -- copies that were skipped in favour of it and are sent themselves now:
  heir_ids bigint[],                            -- until they have arrived, that message is all that these people have
  changed_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (correction_id, archived_at, delivery_id),
  CONSTRAINT correction_copy_state CHECK (state IN
    ('right', 'nowhere', 'listed', 'kept_back', 'moved', 'verified', 'removing', 'removed', 'left')),
  CONSTRAINT correction_copy_goes_somewhere CHECK (state IN ('nowhere', 'kept_back') OR to_user_id IS NOT NULL),
  CONSTRAINT correction_copy_elsewhere CHECK ((state = 'right') = (to_user_id IS NOT NULL AND to_user_id = from_user_id)),
  CONSTRAINT correction_copy_removable CHECK (
    (NOT removable OR from_message_id IS NOT NULL) AND (state NOT IN ('removing', 'removed') OR removable))
);
CREATE INDEX correction_copy_state ON correction_copy (correction_id, state, archived_at, delivery_id);
