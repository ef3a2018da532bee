#!/bin/sh
# Runs once, when Postgres makes its data folder: the role that services use, beside the owner that migrates.
set -eu
psql --set ON_ERROR_STOP=1 --set password="$CHARTLY_APP_PASSWORD" \
  --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE chartly_app LOGIN PASSWORD :'password';
REVOKE CONNECT ON DATABASE :"DBNAME" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"DBNAME" TO chartly_app;
SQL
