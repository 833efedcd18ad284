-- What people replied.
CREATE TABLE notify_core.inbound (
    place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- Keyed hash of all that the vendor told: by it a repeated push is known.
    identity text NOT NULL UNIQUE,
    provider text NOT NULL,
    -- Keyed hash of the sender's address.
    address text NOT NULL,
    received_at timestamptz NOT NULL,
    said text NOT NULL
);
CREATE INDEX inbound_received ON notify_core.inbound (received_at, place);
CREATE INDEX inbound_provider ON notify_core.inbound (provider, received_at, place);
CREATE INDEX inbound_address ON notify_core.inbound (address, received_at, place);
