#!/bin/sh
# Runs once, when the database is made: the role that the API logs in as. It owns nothing; migrations give it its rights.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$APP_PASSWORD" -U "$POSTGRES_USER" -d "$POSTGRES_DB" <<'SQL'
CREATE ROLE gridwarden_app LOGIN PASSWORD :'password';
SQL
