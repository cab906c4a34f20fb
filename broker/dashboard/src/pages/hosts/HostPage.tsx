import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Answer, Host } from '../../api/client';
import { hostQuery, vmsQuery } from '../../api/queries';
import { useSamplesOf } from '../../live/samples';
import { CapacityHistory, useSpan } from '../../parts/CapacityHistory';
import { Empty, Loaded, PageHead, Panel } from '../../parts/Frame';
import { Series } from '../../parts/Series';
import { Stack } from '../../parts/Stack';
import { Ago, Badge, Bytes, Facts, Id, Name } from '../../parts/Values';
import { useMay } from '../../session/session';
import { EventsOf } from '../events/EventsOf';
import { useHostNames } from '../names';
import { VmTable } from '../vms/VmTable';
import { EndActions } from './EndActions';
import { HostActions } from './HostActions';
import { isLeaving, memoryOf, stateOf } from './hostState';
import { LeavingPanel } from './LeavingPanel';
import { LendsPanel } from './LendsPanel';
import { RecallsPanel } from './Recalls';
import { RoundTripsPanel } from './RoundTrips';
import { ServiceActions } from './ServiceActions';

export function HostPage(): ReactNode {
  const { id } = useParams({ from: '/hosts/$id' });
  const host = useQuery(hostQuery(id));
  return <Loaded query={host}>{(answer) => <HostView answer={answer} at={host.dataUpdatedAt} />}</Loaded>;
}

function HostView({ answer, at }: { answer: Answer<Host>; at: number }): ReactNode {
  const host = answer.body;
  const operates = useMay('operate-fabric');
  const state = stateOf(host);
  const names = useHostNames();
  return (
    <div>
      <PageHead
        title={`Host ${host.status.name}`}
        label={<Name of={host.status.name} />}
        note={
          <>
            <Badge tone={state.tone} title={state.why}>
              {state.word}
            </Badge>
            <span>
              heard <Ago of={host.status.lastReportAt} />
            </span>
            <Id of={host.id} />
          </>
        }
      >
        {operates ? (
          <>
            <ServiceActions answer={answer} />
            <HostActions answer={answer} />
            <EndActions answer={answer} />
          </>
        ) : null}
      </PageHead>
      {isLeaving(host) ? <LeavingPanel host={host} /> : null}
      <div className="columns wide-left">
        <MemoryPanel host={host} at={at} />
        <Panel title="Facts">
          <Facts
            of={[
              ['In service', SERVICE[host.spec.scheduling]],
              ['Ordered mode', host.spec.mode],
              ['Mode in force', host.status.mode ?? 'not known'],
              ['May lend', <Bytes of={host.spec.lendLimitBytes} />],
              ['Offered', <Bytes of={host.status.offeredBytes} />],
              ['Lent', <Bytes of={host.status.lentBytes} />],
              ['Free', <Bytes of={host.status.freeBytes} />],
              ['Rack', host.spec.failureDomain.rack ?? 'not said'],
              ['Power', host.spec.failureDomain.power ?? 'not said'],
              ['Zone', host.spec.failureDomain.zone ?? 'not said'],
              ['Data address', <Name of={host.status.dataAddress} />],
              ['Agent', <Name of={host.status.agentVersion} />],
              ['Region table', host.status.bootId === null ? 'none yet' : <Id of={host.status.bootId} />],
            ]}
          />
        </Panel>
      </div>
      <HostVms id={host.id} />
      <div className="columns">
        <div className="pile">
          <LendsPanel host={host} />
          <RoundTripsPanel host={host} names={names} />
          <RecallsPanel hostId={host.id} />
        </div>
        <EventsOf filter={`&hostId=${host.id}`} about={(event) => event.hostId === host.id} />
      </div>
    </div>
  );
}

const SERVICE = { OPEN: 'yes', CORDONED: 'cordoned', DRAINED: 'drained' } as const;

function MemoryPanel({ host, at }: { host: Host; at: number }): ReactNode {
  const memory = host.status.memory;
  const samples = useSamplesOf(
    `host/${host.id}`,
    at,
    memory === null
      ? undefined
      : { available: memory.availableBytes, harvested: memory.harvestedBytes, offered: memory.offeredBytes, lent: memory.lentBytes },
  );
  const of = (key: string) => samples.map((sample) => sample.value[key] ?? null);
  const slices = memoryOf(host);
  const [span, choice] = useSpan();
  return (
    <Panel title="Memory" note={memory === null ? undefined : <Bytes of={memory.totalBytes} />} tools={choice}>
      {slices.length === 0 ? (
        <Empty title="The host has not said anything yet.">It does so within a second of its agent’s start.</Empty>
      ) : (
        <>
          <Stack label="Memory of the host" slices={slices} />
          {span === 'live' ? (
            <Series
              label="Memory of the host since this page was opened"
              times={samples.map((sample) => sample.at)}
              lines={[
                { label: 'Available', colour: 'used', values: of('available') },
                { label: 'Reclaimed', colour: 'harvested', values: of('harvested') },
                { label: 'Offered', colour: 'free', values: of('offered') },
                { label: 'Lent', colour: 'lent', values: of('lent') },
              ]}
              height={130}
            />
          ) : (
            <CapacityHistory label="Memory of the host" span={span} hostId={host.id} height={130} />
          )}
        </>
      )}
    </Panel>
  );
}

function HostVms({ id }: { id: string }): ReactNode {
  const vms = useQuery(vmsQuery(id));
  return (
    <Panel title="Its VMs" flush>
      <Loaded query={vms}>
        {(all) => (
          <VmTable
            vms={all.items}
            withHost={false}
            empty={<Empty title="No VM runs here.">A VM appears within a second of its start.</Empty>}
          />
        )}
      </Loaded>
    </Panel>
  );
}
