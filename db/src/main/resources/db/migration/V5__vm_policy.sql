-- What operators want of a VM's memory, and grants that hosts ask for by themselves.

-- Without a reference to vms: a VM that moves is on no host for a moment, and keeps its policy.
CREATE TABLE vm_policies (
    vm_id          uuid PRIMARY KEY,
    floor_bytes    bigint NOT NULL CHECK (floor_bytes >= 0),
    ceiling_bytes  bigint NOT NULL CHECK (ceiling_bytes >= 0),
    weight         integer NOT NULL CHECK (weight BETWEEN 1 AND 1000),
    lend           boolean NOT NULL,
    auto_grow      boolean NOT NULL,
    grow_max_bytes bigint NOT NULL CHECK (grow_max_bytes BETWEEN 0 AND 1099511627776),
    updated_at     timestamptz NOT NULL,
    revision       bigint NOT NULL CHECK (revision >= 1),
    CONSTRAINT floors_are_below_ceilings CHECK (
        ceiling_bytes = 0 OR floor_bytes <= ceiling_bytes),
    CONSTRAINT growth_has_a_limit CHECK (NOT auto_grow OR grow_max_bytes > 0)
);

-- Grows with every change of a policy: hosts are told only what they do not know.
ALTER TABLE fabric ADD COLUMN policy_revision bigint NOT NULL DEFAULT 0;

-- The request with which a host asked for the grant by itself; null where somebody else did.
ALTER TABLE grants ADD COLUMN growth_id uuid UNIQUE;
CREATE INDEX grown_grants_of_vm ON grants (vm_id) WHERE growth_id IS NOT NULL;
