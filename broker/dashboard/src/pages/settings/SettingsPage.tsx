import type { ReactNode } from 'react';
import { PageHead } from '../../parts/Frame';
import { useSession } from '../../session/session';
import { TokensPanel } from './TokensPanel';

const SEES_TOKENS = new Set(['tenant-operator', 'auditor', 'admin']);

export function SettingsPage(): ReactNode {
  const { roles } = useSession();
  return (
    <div>
      <PageHead title="Settings" />
      {roles.some((role) => SEES_TOKENS.has(role)) ? <TokensPanel /> : <p>Nothing here can be set with your roles.</p>}
    </div>
  );
}
