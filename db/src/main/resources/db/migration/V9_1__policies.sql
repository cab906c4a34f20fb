-- What holds for the whole fabric, version by version: the newest row holds. And who is told of
-- events.

CREATE TABLE policies (
    version    bigint PRIMARY KEY CHECK (version >= 1),
    document   jsonb NOT NULL,
    note       text NOT NULL CHECK (length(note) <= 500),
    created_by text NOT NULL CHECK (length(created_by) <= 300),
    created_at timestamptz NOT NULL
);
INSERT INTO policies (version, document, note, created_by, created_at)
VALUES (1, '{"lendAcrossTenants": true, "tenantRequestsPerSecond": 1000, "newTenantMaxBytes": null,
        "newTenantMaxGrants": null}', 'As the broker comes', 'broker', now());
CREATE FUNCTION policies_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a version of the policy stays as it is' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER policies_are_kept BEFORE UPDATE OR DELETE ON policies
    FOR EACH ROW EXECUTE FUNCTION policies_are_kept();

CREATE TABLE webhooks (
    id          uuid PRIMARY KEY,
    url         text NOT NULL CHECK (length(url) BETWEEN 8 AND 2000),
    types       text[] NOT NULL,
    secret      text NOT NULL CHECK (length(secret) BETWEEN 32 AND 200),
    state       text NOT NULL CHECK (state IN ('ACTIVE', 'STOPPED')),
    after_event bigint NOT NULL CHECK (after_event >= 0),
    attempts    integer NOT NULL CHECK (attempts >= 0),
    next_at     timestamptz NOT NULL,
    last_error  text CHECK (length(last_error) <= 500),
    created_by  text NOT NULL CHECK (length(created_by) <= 300),
    created_at  timestamptz NOT NULL,
    revision    bigint NOT NULL CHECK (revision >= 0)
);
CREATE INDEX webhooks_due ON webhooks (next_at) WHERE state = 'ACTIVE';
