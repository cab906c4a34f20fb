-- A ledger that lost its last commits.

-- What the ledger knows of itself: one row.
CREATE TABLE ledger_identity (
    id               smallint PRIMARY KEY CHECK (id = 1),
    recovering_since timestamptz,
    recovery_reason  text CHECK (length(recovery_reason) <= 2000),
    CONSTRAINT recovering_for_a_reason CHECK (
        (recovering_since IS NULL) = (recovery_reason IS NULL))
);
INSERT INTO ledger_identity (id) VALUES (1);

-- Grants that hosts hold and the ledger does not know: what it lost with its last commits. Nothing
-- of them is fenced or taken away before it is certain that no VM has the device.
CREATE TABLE adopted_grants (
    grant_id    uuid PRIMARY KEY,
    borrower_id uuid REFERENCES hosts (id),
    vm_id       uuid,
    epoch       bigint NOT NULL CHECK (epoch >= 0),
    found_at    timestamptz NOT NULL,
    ended_at    timestamptz,
    CONSTRAINT devices_have_a_vm CHECK ((borrower_id IS NULL) = (vm_id IS NULL))
);
CREATE INDEX adopted_grants_at ON adopted_grants (borrower_id) WHERE ended_at IS NULL;
