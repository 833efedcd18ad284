-- One row for each message. Times are microseconds since 1970 in UTC.
CREATE TABLE messages (
    place INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    -- Nothing more is done about it.
    final INTEGER NOT NULL,
    -- It is final, and nobody wished it so.
    dead INTEGER NOT NULL,
    -- What messages are listed by; the provider is that of the last attempt.
    accepted_at INTEGER NOT NULL,
    channel TEXT NOT NULL,
    kind TEXT NOT NULL,
    route TEXT NOT NULL,
    template TEXT,
    provider TEXT,
    -- What is erased of it next, and from when on that is counted; see
    -- outbox/retention.py.
    erasure INTEGER,
    erasure_from INTEGER NOT NULL,
    -- 0: critical and high; 1: the rest.
    lane INTEGER NOT NULL,
    -- When it may be claimed: it is due, or its lease ends.
    ready_at INTEGER,
    -- Who has it until then.
    owner TEXT,
    -- The number of its last run.
    epoch INTEGER NOT NULL,
    -- Counts the writes.
    version INTEGER NOT NULL,
    -- What it took, to be given back: JSON, [[counter, time], …].
    taken TEXT,
    -- Keyed hash of the address; none: the person is forgotten.
    address TEXT,
    -- The version of the form of facts and progress; see outbox/stored.py.
    form INTEGER NOT NULL,
    facts TEXT NOT NULL,
    progress TEXT NOT NULL
);
CREATE INDEX messages_ready ON messages (lane, ready_at) WHERE ready_at IS NOT NULL;
CREATE INDEX messages_open ON messages (status) WHERE final = 0;
CREATE INDEX messages_erasure ON messages (erasure, erasure_from)
    WHERE erasure IS NOT NULL;
-- Listing, newest first. What the first does not find by order it filters without
-- reading the rows.
CREATE INDEX messages_accepted
    ON messages (accepted_at, place, channel, kind, route, template);
CREATE INDEX messages_status ON messages (status, accepted_at);
CREATE INDEX messages_provider ON messages (provider, accepted_at)
    WHERE provider IS NOT NULL;
CREATE INDEX messages_address ON messages (address, accepted_at)
    WHERE address IS NOT NULL;
CREATE INDEX messages_dead ON messages (accepted_at) WHERE dead = 1;

-- What receipts may call the attempts of a message.
CREATE TABLE names (
    -- 1: the vendor's id; 2: our reference; 3: the address's hash, while the answer is lost.
    kind INTEGER NOT NULL,
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    message INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    PRIMARY KEY (kind, account, name, message, attempt)
) WITHOUT ROWID;

-- Idempotency keys, as keyed hashes.
CREATE TABLE keys (
    key TEXT PRIMARY KEY,
    message TEXT NOT NULL,
    -- Keyed hash of what the message says.
    content TEXT NOT NULL,
    ends_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX keys_ends ON keys (ends_at);

-- What messages took from counters.
CREATE TABLE takings (
    counter TEXT NOT NULL,
    at INTEGER NOT NULL,
    message TEXT NOT NULL,
    -- When no window counts it any more.
    ends_at INTEGER NOT NULL,
    PRIMARY KEY (counter, at, message)
) WITHOUT ROWID;
CREATE INDEX takings_ends ON takings (ends_at);

-- What keeps counters taken without a message.
CREATE TABLE holds (
    counter TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    until INTEGER,
    shown TEXT NOT NULL,
    why TEXT NOT NULL
) WITHOUT ROWID;

-- Receipts that came before their message.
CREATE TABLE parked (
    place INTEGER PRIMARY KEY,
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    provider_id TEXT,
    reference TEXT,
    -- Keyed hash of the address.
    address TEXT,
    receipt TEXT NOT NULL,
    received_at INTEGER NOT NULL
);
CREATE INDEX parked_provider_id ON parked (account, provider_id) WHERE provider_id IS NOT NULL;
CREATE INDEX parked_reference ON parked (account, reference) WHERE reference IS NOT NULL;
CREATE INDEX parked_address ON parked (address, account) WHERE address IS NOT NULL;
CREATE INDEX parked_received ON parked (received_at);
