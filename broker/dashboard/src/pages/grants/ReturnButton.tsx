import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { call } from '../../api/client';
import type { Grant } from '../../api/client';
import { Confirm } from '../../parts/Dialog';
import { shortId } from '../../parts/format';

/** Ends a grant's quarantine; the broker refuses while something stands against it. */
export function ReturnButton({ grant }: { grant: Grant }): ReactNode {
  const client = useQueryClient();
  const [asked, setAsked] = useState(false);
  const act = async () => {
    await call<Grant>(`/api/v1/grants/${grant.id}:returnToService`, { method: 'POST' });
    await client.invalidateQueries({ queryKey: ['grant', grant.id] });
    void client.invalidateQueries({ queryKey: ['grants'] });
  };
  return (
    <>
      <button type="button" onClick={() => setAsked(true)}>
        Return to service
      </button>
      {asked ? (
        <Confirm
          title={`Return grant ${shortId(grant.id)} to service`}
          effect={
            <p>
              Its pages may be moved, copied and given back again. The broker refuses while its host or a lender says something else than
              the ledger.
            </p>
          }
          verb="Return to service"
          act={act}
          onClose={() => setAsked(false)}
        />
      ) : null}
    </>
  );
}
