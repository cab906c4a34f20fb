import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { call } from '../../api/client';
import type { User } from '../../api/client';
import { tenantsQuery, usersQuery } from '../../api/queries';
import { Confirm } from '../../parts/Dialog';
import { Empty, Loaded, Panel } from '../../parts/Frame';
import { shortId, visible } from '../../parts/format';
import { Name, TenantLink, Time } from '../../parts/Values';
import { useMay } from '../../session/session';
import { PersonDialog } from './PersonDialog';

/** Who signs in with a password of this broker; people of an identity provider are not among them. */
export function PeoplePanel(): ReactNode {
  const people = useQuery(usersQuery);
  const tenants = useQuery(tenantsQuery);
  const administers = useMay('administer');
  const client = useQueryClient();
  const [making, setMaking] = useState(false);
  const [ending, setEnding] = useState<User | null>(null);
  const tenantName = (id: string) => tenants.data?.items.find((tenant) => tenant.id === id)?.spec.name ?? shortId(id);
  const end = async (user: User) => {
    await call(`/api/v1/users/${user.id}`, { method: 'DELETE' });
    await client.invalidateQueries({ queryKey: usersQuery.queryKey });
  };
  return (
    <Panel
      title="People"
      note="who signs in with a password of this broker"
      tools={
        administers ? (
          <button type="button" onClick={() => setMaking(true)}>
            New person
          </button>
        ) : undefined
      }
      flush
    >
      <Loaded query={people}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="Nobody has a password here.">People sign in at the identity provider.</Empty>
          ) : (
            <table className="data" aria-label="People">
              <thead>
                <tr>
                  {['Name', 'Roles', 'Tenant', 'Made', 'Password changed'].map((head) => (
                    <th key={head} scope="col">
                      {head}
                    </th>
                  ))}
                  <th scope="col">
                    <span className="sr">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {items.map((user) => (
                  <tr key={user.id}>
                    <td>
                      <Name of={user.spec.name} />
                    </td>
                    <td>{user.spec.roles.join(', ')}</td>
                    <td>
                      <TenantLink id={user.spec.tenantId} name={tenantName(user.spec.tenantId)} />
                    </td>
                    <td>
                      <Time of={user.status.createdAt} />
                    </td>
                    <td>
                      <Time of={user.status.passwordChangedAt} />
                    </td>
                    <td className="end">
                      {administers ? (
                        <button type="button" className="danger small" onClick={() => setEnding(user)}>
                          End
                        </button>
                      ) : null}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Loaded>
      {making ? <PersonDialog onClose={() => setMaking(false)} /> : null}
      {ending === null ? null : (
        <Confirm
          title={`End the account of ${visible(ending.spec.name)}`}
          effect={<p>That person is signed out at once and cannot sign in again. Tokens that were made are not ended by this.</p>}
          verb="End the account"
          typed={visible(ending.spec.name)}
          danger
          act={() => end(ending)}
          onClose={() => setEnding(null)}
        />
      )}
    </Panel>
  );
}
