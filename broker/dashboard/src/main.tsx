import { QueryClient, QueryClientProvider, useQuery, useQueryClient } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode, useEffect } from 'react';
import type { ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError, whenSignedOut } from './api/client';
import { Failure } from './parts/Frame';
import { router } from './routes';
import { SessionProvider, sessionQuery } from './session/session';
import { SignIn } from './session/SignIn';
import { applyTheme } from './theme';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/parts.css';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 1_000,
      gcTime: 60_000,
      retry: (failures, error) => failures < 2 && error instanceof ApiError && error.retryable,
      refetchOnWindowFocus: true,
    },
  },
});

function App(): ReactNode {
  const queries = useQueryClient();
  const session = useQuery(sessionQuery);
  useEffect(() => whenSignedOut(() => queries.setQueryData(sessionQuery.queryKey, null)), [queries]);
  if (session.isError) {
    return (
      <main className="sign-in">
        <div>
          <Failure error={session.error} />
          <button type="button" onClick={() => void session.refetch()}>
            Try again
          </button>
        </div>
      </main>
    );
  }
  if (session.data === undefined) return null;
  if (session.data === null) return <SignIn />;
  return (
    <SessionProvider value={session.data}>
      <RouterProvider router={router} />
    </SessionProvider>
  );
}

applyTheme();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
