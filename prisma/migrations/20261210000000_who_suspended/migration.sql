-- Who suspended deletion: an administrator in the portal. NULL where the operator did, by the command.
ALTER TABLE organization ADD COLUMN deletion_suspended_by text;
ALTER TABLE organization ADD CONSTRAINT organization_suspended_by_somebody
  CHECK (deletion_suspended_by IS NULL OR deletion_suspended_at IS NOT NULL);
