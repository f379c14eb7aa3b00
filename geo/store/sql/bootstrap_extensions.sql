-- Extensions of the database gridwarden; each statement on one line, for PostgreSQL's single-user mode.
-- Only a superuser may create PostGIS, so the migrations find it there.
CREATE EXTENSION postgis SCHEMA public;
CREATE EXTENSION btree_gist SCHEMA public;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
