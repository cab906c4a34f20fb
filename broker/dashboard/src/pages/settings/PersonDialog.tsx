import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { call } from '../../api/client';
import type { User } from '../../api/client';
import { tenantsQuery, usersQuery } from '../../api/queries';
import { Dialog } from '../../parts/Dialog';
import { Failure } from '../../parts/Frame';
import { visible } from '../../parts/format';
import { ShownOnce } from '../../parts/ShownOnce';
import { ROLES } from '../../session/session';

/** Makes an account, and shows its first password this once. */
export function PersonDialog({ onClose }: { onClose: () => void }): ReactNode {
  const client = useQueryClient();
  const tenants = useQuery(tenantsQuery);
  const [name, setName] = useState('');
  const [role, setRole] = useState<string>(ROLES[0]);
  const [tenant, setTenant] = useState('');
  const [password, setPassword] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setError(null);
    const spec = { name, roles: [role], ...(tenant === '' ? {} : { tenantId: tenant }) };
    call<User>('/api/v1/users', { method: 'POST', body: { spec } }).then(({ body }) => {
      setPassword(body.password ?? '');
      void client.invalidateQueries({ queryKey: usersQuery.queryKey });
    }, setError);
  };
  if (password !== null) {
    return (
      <ShownOnce title={`The first password of ${name}`} secret={password} onClose={onClose}>
        Pass it on now: it is shown only this once. It can be changed after the sign-in.
      </ShownOnce>
    );
  }
  return (
    <Dialog title="New person" onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <label className="field">
          <span>Name</span>
          <input
            value={name}
            onChange={(e) => setName(e.target.value)}
            pattern="[a-zA-Z0-9][a-zA-Z0-9._@\-]{0,63}"
            autoComplete="off"
            required
            autoFocus
          />
          <span className="hint">Letters, digits, dots, dashes, @; what is typed to sign in.</span>
        </label>
        <div className="row">
          <label className="field">
            <span>Role</span>
            <select value={role} onChange={(e) => setRole(e.target.value)}>
              {ROLES.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
          </label>
          <label className="field">
            <span>Tenant</span>
            <select value={tenant} onChange={(e) => setTenant(e.target.value)}>
              <option value="">Your own</option>
              {tenants.data?.items.map((each) => (
                <option key={each.id} value={each.id}>
                  {visible(each.spec.name)}
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
            Make the account
          </button>
        </div>
      </form>
    </Dialog>
  );
}
