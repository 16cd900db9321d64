/** What a database consists of, read from PostgreSQL's own catalogue, as lines that can be compared. */
import pg from 'pg';

// Two spellings of one thing are one: a unique constraint is its index, an identity column is a generated one like a
// serial, CURRENT_TIMESTAMP is now(), and a list is never null for Prisma.
const CATALOG = `
  select format('column %s.%s %s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                case when a.attnotnull and a.attndims = 0 then ' not null' else '' end,
                case when a.attidentity <> '' or pg_get_expr(d.adbin, d.adrelid) like 'nextval(%' then ' generated'
                     when pg_get_expr(d.adbin, d.adrelid) = 'CURRENT_TIMESTAMP' then ' default now()'
                     when pg_get_expr(d.adbin, d.adrelid) like 'ARRAY[]::%' then ' default ''{}''::text[]'
                     else coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') end) as line
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
   where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
  union all
  select format('constraint %s.%s %s', r.relname, c.conname, pg_get_constraintdef(c.oid))
    from pg_constraint c
    join pg_class r on r.oid = c.conrelid and not r.relispartition
   where c.connamespace = 'public'::regnamespace and c.contype not in ('n', 'u')
  union all
  select format('index %s.%s', r.relname, replace(definition, ' ON ONLY ', ' ON '))
    from pg_index i
    join pg_class r on r.oid = i.indrelid and not r.relispartition
    cross join lateral pg_get_indexdef(i.indexrelid) as definition
   where r.relnamespace = 'public'::regnamespace
     and not exists (select 1 from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'x'))
  union all
  select format('trigger %s.%s', r.relname, t.tgname)
    from pg_trigger t join pg_class r on r.oid = t.tgrelid and not r.relispartition
   where r.relnamespace = 'public'::regnamespace and not t.tgisinternal
  order by 1`;

/**
 * Columns, constraints, indexes and triggers of the schema `public`, sorted, each as `kind table.…`. Partitions are
 * what their table is and are left out, and so is Prisma's record of migrations.
 */
export async function readCatalog(connectionString: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query<{ line: string }>(CATALOG);
    return rows.map(({ line }) => line).filter((line) => !/\b_prisma_migrations\b/.test(line));
  } finally {
    await client.end();
  }
}
