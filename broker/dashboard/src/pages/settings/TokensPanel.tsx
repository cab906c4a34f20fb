import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { call } from '../../api/client';
import type { Schemas, Token } from '../../api/client';
import { tenantsQuery, tokensQuery } from '../../api/queries';
import { Confirm, Dialog } from '../../parts/Dialog';
import { Empty, Failure, Loaded, Panel } from '../../parts/Frame';
import { shortId, visible } from '../../parts/format';
import { ShownOnce } from '../../parts/ShownOnce';
import { Badge, Name, Time } from '../../parts/Values';
import { ROLES, useSession } from '../../session/session';

type Role = Schemas['Role'];

const LIVES: [string, number | null][] = [
  ['30 days', 30],
  ['90 days', 90],
  ['a year', 365],
  ['until it is revoked', null],
];

/** Tokens of programs and people: who has one, with which rights, and how to end it. */
export function TokensPanel(): ReactNode {
  const { roles } = useSession();
  const changes = roles.includes('admin') || roles.includes('tenant-operator');
  const tokens = useQuery(tokensQuery);
  const tenants = useQuery(tenantsQuery);
  const [making, setMaking] = useState(false);
  const [ending, setEnding] = useState<Token | null>(null);
  const client = useQueryClient();
  const tenantName = (id: string) => visible(tenants.data?.items.find((tenant) => tenant.id === id)?.spec.name ?? shortId(id));
  const revoke = async (token: Token) => {
    await call(`/api/v1/tokens/${token.id}`, { method: 'DELETE' });
    await client.invalidateQueries({ queryKey: ['tokens'] });
  };
  return (
    <Panel
      title="API tokens"
      note="the tokens themselves are nowhere, only their hashes"
      tools={
        changes ? (
          <button type="button" onClick={() => setMaking(true)}>
            New token
          </button>
        ) : undefined
      }
      flush
    >
      <Loaded query={tokens}>
        {(all) =>
          all.items.length === 0 ? (
            <Empty title="There is no token." />
          ) : (
            <table className="data" aria-label="API tokens">
              <thead>
                <tr>
                  {['Name', 'Roles', 'Scopes', 'Tenant', 'Made by', 'Made', 'Ends'].map((head) => (
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
                {all.items.map((token) => (
                  <tr key={token.id}>
                    <td>
                      <Name of={token.spec.name} />
                    </td>
                    <td>{token.spec.roles.join(', ')}</td>
                    <td>{token.spec.scopes.length === 0 ? 'all' : token.spec.scopes.join(', ')}</td>
                    <td>{tenantName(token.spec.tenantId)}</td>
                    <td>
                      <Name of={token.status.createdBy} />
                    </td>
                    <td>
                      <Time of={token.status.createdAt} />
                    </td>
                    <td>
                      {token.status.expired ? <Badge tone="warn">ended</Badge> : null}{' '}
                      {token.spec.expiresAt === undefined ? 'never' : <Time of={token.spec.expiresAt} />}
                    </td>
                    <td className="end">
                      {changes ? (
                        <button type="button" className="danger small" onClick={() => setEnding(token)}>
                          Revoke
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
      {making ? <TokenDialog onClose={() => setMaking(false)} /> : null}
      {ending === null ? null : (
        <Confirm
          title={`Revoke token ${visible(ending.spec.name)}`}
          effect={<p>Whoever uses it is refused from the next request on. It cannot be brought back.</p>}
          verb="Revoke it"
          typed={visible(ending.spec.name)}
          danger
          act={() => revoke(ending)}
          onClose={() => setEnding(null)}
        />
      )}
    </Panel>
  );
}

function TokenDialog({ onClose }: { onClose: () => void }): ReactNode {
  const client = useQueryClient();
  const own = useSession().roles;
  const offered = own.includes('admin') ? ROLES : ROLES.slice(0, 2);
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>(offered[0]!);
  const [days, setDays] = useState<number | null>(90);
  const [made, setMade] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setError(null);
    const ends = days === null ? {} : { expiresAt: new Date(Date.now() + days * 86_400_000).toISOString() };
    call<Token>('/api/v1/tokens', { method: 'POST', body: { spec: { name, roles: [role], ...ends } } }).then(({ body }) => {
      setMade(body.token ?? '');
      void client.invalidateQueries({ queryKey: ['tokens'] });
    }, setError);
  };
  if (made !== null) {
    return (
      <ShownOnce title={`Token ${name}`} secret={made} onClose={onClose}>
        Keep it now: it is shown only this once.
      </ShownOnce>
    );
  }
  return (
    <Dialog title="New API token" onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <label className="field">
          <span>Name</span>
          <input value={name} onChange={(e) => setName(e.target.value)} pattern="[a-zA-Z0-9][a-zA-Z0-9._\-]{0,63}" required autoFocus />
          <span className="hint">Letters, digits, dots, dashes; who or what will use it.</span>
        </label>
        <div className="row">
          <label className="field">
            <span>Role</span>
            <select value={role} onChange={(e) => setRole(e.target.value as Role)}>
              {offered.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
          </label>
          <label className="field">
            <span>Good for</span>
            <select value={days ?? ''} onChange={(e) => setDays(e.target.value === '' ? null : Number(e.target.value))}>
              {LIVES.map(([label, value]) => (
                <option key={label} value={value ?? ''}>
                  {label}
                </option>
              ))}
            </select>
          </label>
        </div>
        {error === null ? null : <Failure error={error} />}
        <div className="buttons">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary">
            Make it
          </button>
        </div>
      </form>
    </Dialog>
  );
}
