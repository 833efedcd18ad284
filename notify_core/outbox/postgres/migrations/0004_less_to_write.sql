-- A message is written three times soon after it came. With room in its page a claim,
-- which changes no index, writes the row alone.
ALTER TABLE notify_core.messages SET (fillfactor = 50);

-- A reference that is the message's id finds it without a name.
DELETE FROM notify_core.names USING notify_core.messages
WHERE names.kind = 2 AND names.message = messages.place AND names.name = messages.id;

-- The library tells of every job that ends, too: each such commit waits for all others
-- that tell something, and wakes every worker. What it makes later, see
-- outbox/postgres/engine.py.
DO $$
BEGIN
    IF to_regclass('notify_core.pgqueuer') IS NOT NULL THEN
        DROP TRIGGER IF EXISTS tg_pgqueuer_changed ON notify_core.pgqueuer;
        CREATE TRIGGER tg_pgqueuer_changed AFTER INSERT ON notify_core.pgqueuer
            EXECUTE FUNCTION notify_core.fn_pgqueuer_changed();
    END IF;
END $$;
