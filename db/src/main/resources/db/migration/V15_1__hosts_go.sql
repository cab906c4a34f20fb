-- Hosts that were lost, and hosts that were taken out of the fabric.

ALTER TABLE hosts
    -- Since when what the host lent counts for nothing; NULL for a host that is not lost.
    ADD COLUMN lost_at timestamptz,
    -- Whether somebody said that the machine is off, and with it every VM that borrowed there.
    ADD COLUMN powered_off boolean NOT NULL DEFAULT false,
    -- Whether all that follows from the loss was done.
    ADD COLUMN loss_settled boolean NOT NULL DEFAULT true,
    ADD COLUMN removed_at timestamptz,
    ADD CONSTRAINT losses_are_settled_once CHECK (
        lost_at IS NOT NULL OR (loss_settled AND NOT powered_off)),
    ADD CONSTRAINT removed_hosts_lend_nothing CHECK (
        removed_at IS NULL OR (offered_regions = 0 AND boot_id IS NULL));
CREATE INDEX hosts_to_settle ON hosts (id) WHERE NOT loss_settled;
