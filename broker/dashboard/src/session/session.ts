import { createContext, useContext } from 'react';
import { queryOptions } from '@tanstack/react-query';
import { ApiError, call, get, setCsrfToken } from '../api/client';
import type { Schemas } from '../api/client';

export type Session = Schemas['Session'];
export type SignInWays = Schemas['SignInWays'];

/** Who is signed in, or null where nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      const session = await get<Session>('/api/v1/session', signal);
      setCsrfToken(session.csrfToken);
      return session;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: Infinity,
});

export const signInWaysQuery = queryOptions({
  queryKey: ['sign-in-ways'],
  queryFn: ({ signal }) => get<SignInWays>('/api/v1/sign-in', signal),
  staleTime: Infinity,
});

export async function signIn(name: string, password: string): Promise<Session> {
  const { body } = await call<Session>('/api/v1/session', { method: 'POST', body: { name, password } });
  setCsrfToken(body.csrfToken);
  return body;
}

export async function signOut(): Promise<void> {
  await call('/api/v1/session', { method: 'DELETE' });
}

export async function changePassword(current: string, wanted: string): Promise<void> {
  await call('/api/v1/session/password', { method: 'PUT', body: { current, wanted } });
}

const SessionContext = createContext<Session | null>(null);
export const SessionProvider = SessionContext.Provider;

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('nobody is signed in');
  return session;
}

export const ROLES = ['tenant-viewer', 'tenant-operator', 'fabric-operator', 'auditor', 'admin'] as const;

/** What somebody may do; the broker refuses the rest whatever a page shows. */
export type Right = 'operate-fabric' | 'operate-grants' | 'see-fabric' | 'read-audit' | 'administer';

const RIGHTS: Record<string, Right[]> = {
  'tenant-viewer': [],
  'tenant-operator': ['operate-grants'],
  'fabric-operator': ['see-fabric', 'operate-fabric', 'operate-grants'],
  auditor: ['see-fabric', 'read-audit'],
  admin: ['see-fabric', 'operate-fabric', 'operate-grants', 'read-audit', 'administer'],
};

/** The rights of these roles. A role that this page does not know gives none. */
export function rightsOf(roles: readonly string[]): ReadonlySet<Right> {
  return new Set(roles.flatMap((role) => RIGHTS[role] ?? []));
}

export function useMay(right: Right): boolean {
  return rightsOf(useSession().roles).has(right);
}
