/** The schema as a newer version would have expanded it: for whether this version lives with that. */

/** Every table gets columns that this version does not know, and there is a table and a rule that it does not know. */
export const EXPAND = `
DO $$
DECLARE name text;
BEGIN
  FOR name IN SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> '_prisma_migrations'
    ORDER BY 1
  LOOP
    EXECUTE format('ALTER TABLE %s ADD COLUMN later text, ADD COLUMN later_count integer NOT NULL DEFAULT 0', name);
  END LOOP;
END $$;
CREATE TABLE later (id bigint PRIMARY KEY);
ALTER TABLE delivery ADD CONSTRAINT delivery_later_count CHECK (later_count >= 0) NOT VALID;
`;
