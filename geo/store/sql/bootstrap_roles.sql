-- Roles and database of the embedded server; each statement on one line, for PostgreSQL's single-user mode.
-- The owner may act as the app, so that its connections, too, can give up their rights.
CREATE ROLE gridwarden_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION;
CREATE ROLE gridwarden_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION;
GRANT gridwarden_app TO gridwarden_owner;
CREATE DATABASE gridwarden OWNER gridwarden_owner TEMPLATE template0;
REVOKE ALL ON DATABASE gridwarden FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE gridwarden TO gridwarden_app;
