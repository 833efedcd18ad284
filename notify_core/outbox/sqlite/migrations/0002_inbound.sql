-- What people replied.
CREATE TABLE inbound (
    place INTEGER PRIMARY KEY,
    -- Keyed hash of all that the vendor told: by it a repeated push is known.
    identity TEXT NOT NULL UNIQUE,
    provider TEXT NOT NULL,
    -- Keyed hash of the sender's address.
    address TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    said TEXT NOT NULL
);
CREATE INDEX inbound_received ON inbound (received_at);
CREATE INDEX inbound_provider ON inbound (provider, received_at);
CREATE INDEX inbound_address ON inbound (address, received_at);
