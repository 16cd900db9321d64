import { defineConfig } from 'prisma/config';

/**
 * For Prisma's own command line. The project itself needs it for `prisma generate` only (scripts/generate.ts); an
 * installation that can reach the internet may run `prisma migrate deploy` in place of `npm run migrate`.
 */
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? '' },
});
