import { useQuery } from '@tanstack/react-query';
import { Link, Navigate } from '@tanstack/react-router';
import { memo, useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import type { Grant, Host, Sums } from '../../api/client';
import { capacityQuery, fabricQuery, grantsQuery, holdsMemory, hostsQuery, openRecallsQuery } from '../../api/queries';
import { useRecentEvents } from '../../live/live';
import { capacityHistoryQuery, withSamples } from '../../live/history';
import { useFabricSamples } from '../../live/samples';
import { EventList } from '../events/EventList';
import { useHostNames } from '../names';
import { CapacityHistory, useSpan } from '../../parts/CapacityHistory';
import { Empty, PageHead, Panel } from '../../parts/Frame';
import { count } from '../../parts/format';
import { Series } from '../../parts/Series';
import { Badge, Bytes } from '../../parts/Values';
import { useMay } from '../../session/session';
import { FlowsPanel } from './Flows';
import { atRisk, findings } from './health';
import type { Finding } from './health';
import { HarvestSwitch } from './HarvestSwitch';
import { JoinDialog } from '../hosts/JoinDialog';

/** The first page; who may not see the fabric begins with its own VMs. */
export function FabricPage(): ReactNode {
  return useMay('see-fabric') ? <FabricView /> : <Navigate to="/vms" replace />;
}

function FabricView(): ReactNode {
  const fabric = useQuery(fabricQuery);
  const capacity = useQuery(capacityQuery);
  const hosts = useQuery(hostsQuery);
  const grants = useQuery(grantsQuery());
  const recalls = useQuery(openRecallsQuery);
  const names = useHostNames();
  const operates = useMay('operate-fabric');
  const allHosts = hosts.data?.items ?? [];
  const allGrants = grants.data?.items ?? [];
  const ready = hosts.data !== undefined && grants.data !== undefined;
  return (
    <div>
      <PageHead
        title="Fabric"
        note={
          hosts.data === undefined ? undefined : (
            <span>
              {count(allHosts.length)} {allHosts.length === 1 ? 'host' : 'hosts'}, {count(allGrants.filter(holdsMemory).length)} live grants
            </span>
          )
        }
      >
        {operates && fabric.data !== undefined ? <HarvestSwitch fabric={fabric.data} hosts={allHosts} /> : null}
      </PageHead>
      <Tiles total={capacity.data} hosts={allHosts} grants={allGrants} />
      {ready && allHosts.length === 0 ? (
        <NoHosts />
      ) : (
        <div className="columns wide-left">
          <div className="pile">
            <HealthPanel findings={ready ? findings(fabric.data?.body, allHosts, allGrants, capacity.data, recalls.data) : []} />
            <LivePanel />
            <FlowsPanel grants={allGrants} names={names} />
          </div>
          <RecentPanel />
        </div>
      )}
    </div>
  );
}

function Tiles({ total, hosts, grants }: { total: Sums | undefined; hosts: Host[]; grants: Grant[] }): ReactNode {
  const heard = hosts.filter((host) => host.status.reachable);
  const reserve = heard.reduce((sum, host) => sum + (host.status.memory?.reserveBytes ?? 0), 0);
  const granted = grants.filter(holdsMemory).reduce((sum, grant) => sum + grant.status.sizeBytes, 0);
  const risk = atRisk(grants);
  return (
    <dl className="tiles">
      <Tile name="Reclaimed" tone="harvested" bytes={total?.harvestedBytes} note="held by balloons" />
      <Tile name="Lent" tone="lent" bytes={total?.lentBytes} note="every copy counted" />
      <Tile name="Granted" tone="granted" bytes={granted} note="as VMs see it" />
      <Tile name="Free" tone="free" bytes={total?.freeBytes} note="can be granted now" />
      <Tile name="Reserve" tone="reserve" bytes={reserve} note="kept for relief" />
      <Tile name="At risk" tone="risk" bytes={risk} note={risk === 0 ? 'every page has its copies' : 'too few copies'} />
    </dl>
  );
}

function Tile(props: { name: string; tone: string; bytes: number | undefined; note: string }): ReactNode {
  return (
    <div className="tile">
      <dt>
        <span className={`swatch tone-${props.tone}`} />
        {props.name}
      </dt>
      <dd>
        <Bytes of={props.bytes} />
        <small>{props.note}</small>
      </dd>
    </div>
  );
}

const WORDS = { good: 'Well', warn: 'Warning', bad: 'Trouble', busy: 'Busy', quiet: 'Note' } as const;

function HealthPanel({ findings: found }: { findings: Finding[] }): ReactNode {
  return (
    <Panel title="Health">
      <ul className="health">
        {found.map((finding) => (
          <li key={finding.reason}>
            <span>
              <Badge tone={finding.tone}>{WORDS[finding.tone]}</Badge>
            </span>
            <div>
              <p className="strong">{finding.reason}</p>
              <p>{finding.effect}</p>
            </div>
            <Where finding={finding} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** Where to go on from a finding. */
function Where({ finding: { to, only, host } }: { finding: Finding }): ReactNode {
  if (host !== undefined) {
    return (
      <Link className="to" to="/hosts/$id" params={{ id: host }}>
        Show it
      </Link>
    );
  }
  if (to === undefined) return null;
  return (
    <Link className="to" to={to} search={only === undefined ? {} : { only }}>
      Show them
    </Link>
  );
}

const LivePanel = memo(function LivePanel(): ReactNode {
  const samples = useFabricSamples();
  const [span, choice] = useSpan();
  const written = useQuery(capacityHistoryQuery('1h'));
  const { times, at } = useMemo(() => withSamples(written.data, samples), [written.data, samples]);
  const of = (key: 'harvestedBytes' | 'lentBytes' | 'freeBytes') => at.map((each) => each?.[key] ?? null);
  if (span !== 'live') {
    return (
      <Panel title="Memory over time" note="means of what the broker writes down every minute" tools={choice}>
        <CapacityHistory label="Memory of the fabric" span={span} height={138} />
      </Panel>
    );
  }
  return (
    <Panel title="Memory over time" note="the last hour" tools={choice}>
      <Series
        label="Memory of the fabric"
        times={times}
        lines={[
          { label: 'Reclaimed', colour: 'harvested', values: of('harvestedBytes') },
          { label: 'Lent', colour: 'lent', values: of('lentBytes') },
          { label: 'Free', colour: 'free', values: of('freeBytes') },
        ]}
        height={138}
      />
    </Panel>
  );
});

const RecentPanel = memo(function RecentPanel(): ReactNode {
  const events = useRecentEvents();
  const newest = events.slice(-12).reverse();
  return (
    <Panel
      title="What changed lately"
      tools={
        <Link className="to" to="/events">
          All events
        </Link>
      }
    >
      {newest.length === 0 ? <Empty title="Nothing has happened yet." /> : <EventList events={newest} />}
    </Panel>
  );
});

function NoHosts(): ReactNode {
  const [joining, setJoining] = useState(false);
  return (
    <Panel title="Begin">
      <Empty title="No host has joined yet.">
        <p>A host joins with a token of its own, which is good once and for 15 minutes.</p>
        <p>
          <button type="button" className="primary" onClick={() => setJoining(true)}>
            Let a host join
          </button>
        </p>
        {joining ? <JoinDialog onClose={() => setJoining(false)} /> : null}
      </Empty>
    </Panel>
  );
}
