-- A reference that is the message's id finds it without a name.
DELETE FROM names WHERE kind = 2
    AND name = (SELECT id FROM messages WHERE place = message);
