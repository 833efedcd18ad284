-- One row for each message.
CREATE TABLE notify_core.messages (
    place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text NOT NULL UNIQUE,
    status text NOT NULL,
    -- Nothing more is done about it.
    final boolean NOT NULL,
    -- It is final, and nobody wished it so.
    dead boolean NOT NULL,
    -- What messages are listed by; the provider is that of the last attempt.
    accepted_at timestamptz NOT NULL,
    channel text NOT NULL,
    kind text NOT NULL,
    route text NOT NULL,
    template text,
    provider text,
    -- What is erased of it next, and from when on that is counted; see
    -- outbox/retention.py.
    erasure smallint,
    erasure_from timestamptz NOT NULL,
    -- 0: critical and high; 1: the rest.
    lane smallint NOT NULL,
    -- When a worker has to take it up.
    work_at timestamptz,
    -- Its job, which is also the lease; none while it is due in a while only.
    job bigint,
    -- The number of its last run.
    epoch integer NOT NULL,
    -- Another one with each write, and never the same twice.
    version bigint NOT NULL,
    -- What it took, to be given back: JSON, [[counter, time], …].
    taken text,
    -- Keyed hash of the address; none: the person is forgotten.
    address text,
    -- The version of the form of facts and progress; see outbox/stored.py.
    form integer NOT NULL,
    facts text NOT NULL,
    progress text NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX messages_waiting ON notify_core.messages (work_at)
    WHERE job IS NULL AND work_at IS NOT NULL;
CREATE INDEX messages_due ON notify_core.messages (work_at)
    WHERE job IS NOT NULL AND work_at IS NOT NULL;
CREATE INDEX messages_open ON notify_core.messages (status) WHERE NOT final;
CREATE INDEX messages_erasure ON notify_core.messages (erasure, erasure_from)
    WHERE erasure IS NOT NULL;
-- Listing, newest first.
CREATE INDEX messages_accepted ON notify_core.messages (accepted_at, place);
CREATE INDEX messages_status ON notify_core.messages (status, accepted_at);
CREATE INDEX messages_provider ON notify_core.messages (provider, accepted_at)
    WHERE provider IS NOT NULL;
CREATE INDEX messages_address ON notify_core.messages (address, accepted_at)
    WHERE address IS NOT NULL;
CREATE INDEX messages_dead ON notify_core.messages (accepted_at) WHERE dead;

-- What receipts may call the attempts of a message.
CREATE TABLE notify_core.names (
    -- 1: the vendor's id; 2: our reference; 3: the address's hash, while the answer is lost.
    kind smallint NOT NULL,
    account text NOT NULL,
    name text NOT NULL,
    message bigint NOT NULL,
    attempt integer NOT NULL,
    PRIMARY KEY (kind, account, name, message, attempt)
);

-- Idempotency keys, as keyed hashes.
CREATE TABLE notify_core.keys (
    key text PRIMARY KEY,
    message text NOT NULL,
    -- Keyed hash of what the message says.
    content text NOT NULL,
    ends_at timestamptz NOT NULL
);
CREATE INDEX keys_ends ON notify_core.keys (ends_at);

-- What messages took from counters.
CREATE TABLE notify_core.takings (
    counter text NOT NULL,
    at timestamptz NOT NULL,
    message text NOT NULL,
    -- When no window counts it any more.
    ends_at timestamptz NOT NULL,
    PRIMARY KEY (counter, at, message)
);
CREATE INDEX takings_ends ON notify_core.takings (ends_at);

-- What keeps counters taken without a message.
CREATE TABLE notify_core.holds (
    counter text PRIMARY KEY,
    at timestamptz NOT NULL,
    until timestamptz,
    shown text NOT NULL,
    why text NOT NULL
);

-- Receipts that came before their message.
CREATE TABLE notify_core.parked (
    place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider text NOT NULL,
    account text NOT NULL,
    provider_id text,
    reference text,
    -- Keyed hash of the address.
    address text,
    receipt text NOT NULL,
    received_at timestamptz NOT NULL
);
CREATE INDEX parked_provider_id ON notify_core.parked (account, provider_id)
    WHERE provider_id IS NOT NULL;
CREATE INDEX parked_reference ON notify_core.parked (account, reference)
    WHERE reference IS NOT NULL;
CREATE INDEX parked_address ON notify_core.parked (address, account)
    WHERE address IS NOT NULL;
CREATE INDEX parked_received ON notify_core.parked (received_at);
