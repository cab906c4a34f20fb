-- A tenant that lends to nobody has its VMs left alone. Hosts hear of a VM's policy when the number
-- of all policies changes, so it changes too when a tenant's consent does, or a VM's tenant.

CREATE FUNCTION consent_is_told_to_hosts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE fabric SET policy_revision = policy_revision + 1 WHERE id = 1;
    RETURN NULL;
END $$;
CREATE TRIGGER consent_is_told_to_hosts AFTER UPDATE OF lend_to ON tenants
    FOR EACH ROW WHEN (OLD.lend_to <> NEW.lend_to) EXECUTE FUNCTION consent_is_told_to_hosts();
CREATE TRIGGER tenants_of_vms_are_told_to_hosts AFTER UPDATE OF tenant_id ON vms
    FOR EACH ROW WHEN (OLD.tenant_id <> NEW.tenant_id)
    EXECUTE FUNCTION consent_is_told_to_hosts();

-- Lists of grants by their state.
CREATE INDEX grants_by_state ON grants (state, id);
