#!/bin/sh
# Run once by the database's own image, when its data is new: the login of portal and workers, which owns nothing and may
# change nothing of what is append-only. What it may is granted by the migration (scripts/migrations/rights.ts).
set -eu
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  --set password="$PORTAL_DB_PASSWORD" <<'SQL'
CREATE ROLE portal_app NOLOGIN;
CREATE ROLE portal_runtime LOGIN PASSWORD :'password' IN ROLE portal_app;
SQL
