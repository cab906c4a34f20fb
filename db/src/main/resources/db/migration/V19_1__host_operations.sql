-- Operations of hosts, and how far they are.
ALTER TABLE operations
    ALTER COLUMN grant_id DROP NOT NULL,
    ADD COLUMN host_id uuid REFERENCES hosts (id),
    ADD COLUMN total_bytes bigint CHECK (total_bytes >= 0),
    ADD COLUMN left_bytes bigint CHECK (left_bytes >= 0),
    ADD COLUMN left_grants integer CHECK (left_grants >= 0),
    ADD COLUMN blocked_by text CHECK (length(blocked_by) <= 2000),
    DROP CONSTRAINT operations_kind_check,
    ADD CONSTRAINT operations_kind_check CHECK (kind IN
        ('GRANT_CREATE', 'GRANT_RELEASE', 'GRANT_RESIZE', 'HOST_DRAIN')),
    ADD CONSTRAINT of_a_grant_or_a_host CHECK (
        (kind = 'HOST_DRAIN') = (host_id IS NOT NULL)
        AND (kind = 'HOST_DRAIN') = (grant_id IS NULL));
CREATE UNIQUE INDEX one_open_operation_of_a_host ON operations (host_id, kind) WHERE NOT done;
