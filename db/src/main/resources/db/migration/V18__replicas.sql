-- Several brokers on one ledger.

-- The certificate of the fabric's authority: brokers with another one must not share this ledger.
ALTER TABLE ledger_identity
    ADD COLUMN authority_hash bytea CHECK (octet_length(authority_hash) = 32);

-- Work that one broker does for all: who does it, until when, and under which term. A transaction of
-- that work holds this row against its term.
CREATE TABLE duties (
    name       text PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 64),
    broker_id  uuid NOT NULL,
    term       bigint NOT NULL CHECK (term >= 1),
    expires_at timestamptz NOT NULL
);

-- The brokers that are there, and where the others reach them.
CREATE TABLE brokers (
    id      uuid PRIMARY KEY,
    address text CHECK (length(address) BETWEEN 1 AND 2000),
    seen_at timestamptz NOT NULL
);

-- Which broker a host reports to, and when it was last heard there; written for all hosts of a
-- broker at once. Terms only grow, and an agent refuses commands of an older one.
CREATE TABLE presences (
    host_id   uuid PRIMARY KEY REFERENCES hosts (id) ON DELETE CASCADE,
    broker_id uuid NOT NULL,
    term      bigint NOT NULL CHECK (term >= 1),
    boot_id   uuid NOT NULL,
    heard_at  timestamptz NOT NULL,
    mode      text NOT NULL CHECK (mode IN ('OBSERVE', 'HARVEST', 'PAUSE')),
    memory    jsonb NOT NULL,
    forecast  jsonb
) WITH (fillfactor = 50);

-- What a host says seldom and every broker has to know: the copies that it misses, its ways to
-- lenders. Written where several brokers share the ledger.
CREATE TABLE host_words (
    host_id uuid NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
    topic   text NOT NULL CHECK (topic IN ('COPIES', 'ROUND_TRIPS')),
    body    jsonb NOT NULL,
    PRIMARY KEY (host_id, topic)
);

CREATE FUNCTION terms_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.term < OLD.term OR (NEW.broker_id <> OLD.broker_id AND NEW.term = OLD.term) THEN
        RAISE EXCEPTION 'a new holder needs a new term' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER terms_only_grow BEFORE UPDATE ON duties
    FOR EACH ROW EXECUTE FUNCTION terms_only_grow();
CREATE TRIGGER terms_only_grow BEFORE UPDATE ON presences
    FOR EACH ROW EXECUTE FUNCTION terms_only_grow();
