import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import type { Answer, Grant, Host, Region } from '../../api/client';
import { grantsQuery, hostQuery, regionsQuery, vmsQuery } from '../../api/queries';
import { useSamplesOf } from '../../live/samples';
import { CapacityHistory, useSpan } from '../../parts/CapacityHistory';
import { Empty, Loaded, PageHead, Panel } from '../../parts/Frame';
import { count } from '../../parts/format';
import { Series } from '../../parts/Series';
import { Stack } from '../../parts/Stack';
import { Ago, Badge, Bytes, Facts, GrantLink, HostLink, Id, Name, VmLink } from '../../parts/Values';
import { useMay } from '../../session/session';
import { EventsOf } from '../events/EventsOf';
import { useHostNames, useVmNames } from '../names';
import { VmTable } from '../vms/VmTable';
import { HostActions } from './HostActions';
import { memoryOf, stateOf } from './hostState';
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
          </>
        ) : null}
      </PageHead>
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
          <LendsPanel id={host.id} />
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

interface Loan {
  grant: Grant | undefined;
  grantId: string;
  regions: number;
  bytes: number;
}

function loansOf(regions: Region[], grants: Grant[]): Loan[] {
  const known = new Map(grants.map((grant) => [grant.id, grant]));
  const loans = new Map<string, Loan>();
  for (const { status } of regions) {
    if (status.grantId === null) continue;
    const loan = loans.get(status.grantId) ?? { grant: known.get(status.grantId), grantId: status.grantId, regions: 0, bytes: 0 };
    loan.regions += 1;
    loan.bytes += status.sizeBytes;
    loans.set(status.grantId, loan);
  }
  return [...loans.values()].sort((a, b) => b.bytes - a.bytes);
}

function LendsPanel({ id }: { id: string }): ReactNode {
  const regions = useQuery(regionsQuery(id));
  const grants = useQuery(grantsQuery());
  const hosts = useHostNames();
  const vms = useVmNames();
  const loans = useMemo(() => loansOf(regions.data?.items ?? [], grants.data?.items ?? []), [regions.data, grants.data]);
  const note = regions.data?.complete === false ? `of its first ${count(regions.data.items.length)} regions` : undefined;
  return (
    <Panel title="Lends to" note={note} flush>
      <Loaded query={regions}>
        {() =>
          loans.length === 0 ? (
            <Empty title="It lends nothing.">Hosts in mode HARVEST lend as soon as a grant needs their regions.</Empty>
          ) : (
            <table className="data" aria-label="What this host lends">
              <thead>
                <tr>
                  <th scope="col">VM</th>
                  <th scope="col">On host</th>
                  <th scope="col">Grant</th>
                  <th scope="col" className="end">
                    Lent
                  </th>
                </tr>
              </thead>
              <tbody>
                {loans.map((loan) => (
                  <tr key={loan.grantId}>
                    <td>
                      {loan.grant === undefined ? '–' : <VmLink id={loan.grant.spec.vmId} name={vms.get(loan.grant.spec.vmId)} />}
                    </td>
                    <td>
                      {loan.grant === undefined ? (
                        '–'
                      ) : (
                        <HostLink id={loan.grant.status.borrowerId} name={hosts.get(loan.grant.status.borrowerId)} />
                      )}
                    </td>
                    <td>
                      <GrantLink id={loan.grantId} />
                    </td>
                    <td className="end" title={`${count(loan.regions)} regions`}>
                      <Bytes of={loan.bytes} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Loaded>
    </Panel>
  );
}
