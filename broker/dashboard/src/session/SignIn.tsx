import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import icon from '../icon.svg';
import { Failure } from '../parts/Frame';
import { sessionQuery, signIn, signInWaysQuery } from './session';

export function SignIn(): ReactNode {
  const ways = useQuery(signInWaysQuery);
  const failed = new URLSearchParams(location.search).get('sign-in-failed');
  useEffect(() => {
    document.title = 'Sign in · memfabric';
  }, []);
  return (
    <main className="sign-in" id="main">
      <div>
        <h1 className="brand">
          <img src={icon} alt="" />
          memfabric
        </h1>
        {failed === null ? null : (
          <p className="failure" role="alert">
            The identity provider did not let you in, or took too long. Try again.
          </p>
        )}
        {ways.isError ? <Failure error={ways.error} /> : null}
        {ways.data?.oidc === true ? (
          <a className="button" href={`/api/v1/sign-in/oidc?to=${encodeURIComponent(location.pathname)}`}>
            Sign in with your organisation
          </a>
        ) : null}
        {ways.data?.password === true ? <PasswordForm /> : null}
      </div>
    </main>
  );
}

function PasswordForm(): ReactNode {
  const client = useQueryClient();
  const [name, setName] = useState('admin');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    signIn(name, password).then(
      (session) => client.setQueryData(sessionQuery.queryKey, session),
      (failure: unknown) => {
        setBusy(false);
        setPassword('');
        setError(failure);
      },
    );
  };
  return (
    <form onSubmit={submit}>
      <label className="field">
        <span>Name</span>
        <input value={name} onChange={(e) => setName(e.target.value)} autoComplete="username" required maxLength={100} />
      </label>
      <label className="field">
        <span>Password</span>
        <input
          type="password"
          value={password}
          onChange={(e) => setPassword(e.target.value)}
          autoComplete="current-password"
          required
          maxLength={200}
          autoFocus
        />
      </label>
      {error === null ? null : <Failure error={error} />}
      <button type="submit" className="primary" disabled={busy}>
        {busy ? 'Signing in…' : 'Sign in'}
      </button>
      <p className="faint">
        The broker printed the first password of <code>admin</code> when it first started.
      </p>
    </form>
  );
}
