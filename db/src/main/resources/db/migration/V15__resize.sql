-- Grants that change their size while they live: further devices come and go, each with a life of
-- its own.

ALTER TABLE grants
    -- The grant of which this one is a further device.
    ADD COLUMN part_of uuid REFERENCES grants (id),
    -- The size that the grant is on its way to, 0 where it is to end; NULL where it is on no way.
    ADD COLUMN wanted_bytes bigint CHECK (wanted_bytes >= 0 AND wanted_bytes <= 1099511627776),
    -- The operation of a further device for which the way waits.
    ADD COLUMN resize_step uuid REFERENCES operations (id) DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT parts_have_no_parts CHECK (part_of IS NULL
        OR (wanted_bytes IS NULL AND resize_step IS NULL AND attach_mode = 'SWAP')),
    ADD CONSTRAINT steps_are_of_a_way CHECK (resize_step IS NULL OR wanted_bytes IS NOT NULL);
CREATE INDEX grants_parts ON grants (part_of, id) WHERE part_of IS NOT NULL;
CREATE INDEX grants_on_a_way ON grants (id) WHERE wanted_bytes IS NOT NULL;

ALTER TABLE operations
    DROP CONSTRAINT operations_kind_check,
    ADD CONSTRAINT operations_kind_check CHECK (kind IN
        ('GRANT_CREATE', 'GRANT_RELEASE', 'GRANT_RESIZE'));
