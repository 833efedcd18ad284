-- How many messages that are not final each connection brought into a status, or out of
-- it: nobody waits for another one's row, and the sums are exact.
CREATE TABLE notify_core.tallies (
    -- The connection's process; 0: all that have ended.
    backend integer NOT NULL,
    status text NOT NULL,
    many bigint NOT NULL,
    PRIMARY KEY (backend, status)
) WITH (fillfactor = 50);
INSERT INTO notify_core.tallies
    SELECT 0, status, count(*) FROM notify_core.messages WHERE NOT final GROUP BY status;

CREATE FUNCTION notify_core.tally_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO notify_core.tallies
    SELECT pg_backend_pid(), status, count(*)
    FROM new_rows WHERE NOT final GROUP BY status
    ON CONFLICT (backend, status) DO UPDATE SET many = tallies.many + excluded.many;
    RETURN NULL;
END $$;
CREATE FUNCTION notify_core.tally_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO notify_core.tallies
    SELECT pg_backend_pid(), status, sum(more) FROM (
        SELECT status, 1 AS more FROM new_rows WHERE NOT final
        UNION ALL
        SELECT status, -1 FROM old_rows WHERE NOT final
    ) AS moved GROUP BY status HAVING sum(more) <> 0
    ON CONFLICT (backend, status) DO UPDATE SET many = tallies.many + excluded.many;
    RETURN NULL;
END $$;
CREATE FUNCTION notify_core.tally_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO notify_core.tallies
    SELECT pg_backend_pid(), status, -count(*)
    FROM old_rows WHERE NOT final GROUP BY status
    ON CONFLICT (backend, status) DO UPDATE SET many = tallies.many + excluded.many;
    RETURN NULL;
END $$;
CREATE TRIGGER messages_tally_new AFTER INSERT ON notify_core.messages
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION notify_core.tally_new();
CREATE TRIGGER messages_tally_moved AFTER UPDATE ON notify_core.messages
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION notify_core.tally_moved();
CREATE TRIGGER messages_tally_gone AFTER DELETE ON notify_core.messages
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION notify_core.tally_gone();
