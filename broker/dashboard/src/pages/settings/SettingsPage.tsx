import type { ReactNode } from 'react';
import { PageHead } from '../../parts/Frame';
import { useMay, useSession } from '../../session/session';
import { PeoplePanel } from './PeoplePanel';
import { PolicyPanel } from './PolicyPanel';
import { TokensPanel } from './TokensPanel';
import { WebhooksPanel } from './WebhooksPanel';

const SEES_TOKENS = new Set(['tenant-operator', 'auditor', 'admin']);

export function SettingsPage(): ReactNode {
  const { roles } = useSession();
  const seesFabric = useMay('see-fabric');
  const seesPeople = useMay('read-audit');
  return (
    <div>
      <PageHead title="Settings" />
      {seesFabric ? <PolicyPanel /> : null}
      {roles.some((role) => SEES_TOKENS.has(role)) ? <TokensPanel /> : seesFabric ? null : <p>Nothing here can be set with your roles.</p>}
      {seesPeople ? <PeoplePanel /> : null}
      {seesFabric ? <WebhooksPanel /> : null}
    </div>
  );
}
