-- Every certificate of a host until it ends, so that it can be refused before.
CREATE TABLE issued_certificates (
    serial     bytea PRIMARY KEY CHECK (octet_length(serial) BETWEEN 1 AND 20),
    host_id    uuid NOT NULL REFERENCES hosts (id) ON DELETE CASCADE,
    ends_at    timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX issued_certificates_of_host ON issued_certificates (host_id);

-- Hosts whose identity two agents have at once: nothing new is lent from them or borrowed by them
-- until they enroll again.
CREATE TABLE quarantined_hosts (
    host_id uuid PRIMARY KEY REFERENCES hosts (id) ON DELETE CASCADE,
    reason  text NOT NULL CHECK (length(reason) BETWEEN 1 AND 2000),
    since   timestamptz NOT NULL
);
