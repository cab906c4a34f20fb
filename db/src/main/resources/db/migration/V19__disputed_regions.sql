-- A claimed region with which its lender has gone further than the ledger knows: it is in a later
-- generation, or another grant has it. The ledger lost the commits in between.
ALTER TABLE regions
    ADD COLUMN disputed boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT disputed_while_claimed CHECK (NOT disputed OR state = 'CLAIMED');
