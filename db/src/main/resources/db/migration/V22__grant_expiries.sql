-- Until when somebody wants a grant. It is no part of the grant's life: a grant that has expired serves
-- like any other, until its VM has swapped off or somebody releases it.

CREATE TABLE grant_expiries (
    grant_id uuid PRIMARY KEY REFERENCES grants,
    expires_at timestamptz NOT NULL,
    -- When the broker sees to it the next time; null where nothing more is to be done.
    look_at timestamptz
);
CREATE INDEX grant_expiries_due ON grant_expiries (look_at) WHERE look_at IS NOT NULL;
