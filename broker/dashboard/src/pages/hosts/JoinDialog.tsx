import { useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { call } from '../../api/client';
import { Dialog } from '../../parts/Dialog';
import { Failure } from '../../parts/Frame';
import { Time } from '../../parts/Values';

/** Makes the one-time token with which a host joins, and shows it this once. */
export function JoinDialog({ onClose }: { onClose: () => void }): ReactNode {
  const [name, setName] = useState('');
  const [made, setMade] = useState<{ token: string; expiresAt: string } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setError(null);
    call<{ token: string; expiresAt: string }>('/api/v1/join-tokens', { method: 'POST', body: { hostName: name } }).then(
      ({ body }) => setMade(body),
      setError,
    );
  };
  return (
    <Dialog title="Let a host join" onClose={onClose}>
      {made === null ? (
        <form className="form" onSubmit={submit}>
          <label className="field">
            <span>Name of the host</span>
            <input value={name} onChange={(e) => setName(e.target.value)} required maxLength={253} autoFocus spellCheck={false} />
            <span className="hint">As its agent calls it in its settings. The host starts in mode OBSERVE: it only watches.</span>
          </label>
          {error === null ? null : <Failure error={error} />}
          <div className="buttons">
            <button type="button" onClick={onClose}>
              Cancel
            </button>
            <button type="submit" className="primary">
              Make the token
            </button>
          </div>
        </form>
      ) : (
        <div className="form">
          <p>
            Write this token into the file that <code>broker.join-token-file</code> of the host’s agent names, and start the
            agent. The token is shown only now, and ends at <Time of={made.expiresAt} />.
          </p>
          <pre className="command">{made.token}</pre>
          <div className="buttons">
            <button type="button" className="primary" onClick={onClose}>
              Done
            </button>
          </div>
        </div>
      )}
    </Dialog>
  );
}
