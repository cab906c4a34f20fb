import { useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { Dialog } from '../parts/Dialog';
import { Failure } from '../parts/Frame';
import { Name } from '../parts/Values';
import { changePassword, signOut, useSession } from './session';

/** Who is signed in, and the way out. */
export function AccountMenu(): ReactNode {
  const session = useSession();
  const [changing, setChanging] = useState(false);
  const leave = async () => {
    await signOut().catch(() => undefined);
    // Loaded anew, so that nothing of what was shown stays in memory.
    location.assign('/');
  };
  return (
    <>
      <div title={session.roles.join(', ')}>
        <Name of={session.name} />
        <div className="faint">{session.roles.join(', ')}</div>
      </div>
      {session.local ? (
        <button type="button" onClick={() => setChanging(true)}>
          Change password
        </button>
      ) : null}
      <button type="button" onClick={() => void leave()}>
        Sign out
      </button>
      {changing ? <PasswordDialog onClose={() => setChanging(false)} /> : null}
    </>
  );
}

function PasswordDialog({ onClose }: { onClose: () => void }): ReactNode {
  const [current, setCurrent] = useState('');
  const [wanted, setWanted] = useState('');
  const [error, setError] = useState<unknown>(null);
  const short = wanted.length > 0 && wanted.length < 12;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (short) return;
    changePassword(current, wanted).then(onClose, setError);
  };
  return (
    <Dialog title="Change your password" onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <p>Every other session of this account ends.</p>
        <label className="field">
          <span>Current password</span>
          <input type="password" value={current} onChange={(e) => setCurrent(e.target.value)} autoComplete="current-password" required />
        </label>
        <label className="field">
          <span>New password</span>
          <input
            type="password"
            value={wanted}
            onChange={(e) => setWanted(e.target.value)}
            autoComplete="new-password"
            aria-invalid={short}
            minLength={12}
            maxLength={200}
            required
          />
          <span className={short ? 'wrong' : 'hint'}>At least 12 characters.</span>
        </label>
        {error === null ? null : <Failure error={error} />}
        <div className="buttons">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary">
            Change it
          </button>
        </div>
      </form>
    </Dialog>
  );
}
