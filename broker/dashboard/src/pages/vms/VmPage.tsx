import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Answer, Decision, Vm } from '../../api/client';
import { decisionsQuery, grantsQuery, vmQuery } from '../../api/queries';
import { useSamplesOf } from '../../live/samples';
import { Choice } from '../../parts/Choice';
import { Empty, Loaded, PageHead, Panel } from '../../parts/Frame';
import { visible } from '../../parts/format';
import { Series } from '../../parts/Series';
import { Ago, Badge, Bytes, Facts, HostLink, Id, Name, Unknown } from '../../parts/Values';
import { useMay } from '../../session/session';
import { EventsOf } from '../events/EventsOf';
import { GiveDialog } from '../grants/GiveDialog';
import { GrantTable } from '../grants/GrantTable';
import { useHostNames } from '../names';
import { Decisions } from './Decisions';
import { MemoryDialog } from './MemoryDialog';
import { VmHistory } from './VmHistory';
import { reclaimedOf } from './VmTable';

export function VmPage(): ReactNode {
  const { id } = useParams({ from: '/vms/$id' });
  const vm = useQuery(vmQuery(id));
  return <Loaded query={vm}>{(answer) => <VmView answer={answer} at={vm.dataUpdatedAt} />}</Loaded>;
}

const STATES = { RUNNING: 'good', PAUSED: 'warn', OFF: 'quiet' } as const;

function VmView({ answer, at }: { answer: Answer<Vm>; at: number }): ReactNode {
  const vm = answer.body;
  const [setting, setSetting] = useState(false);
  const hosts = useHostNames();
  const decisions = useQuery(decisionsQuery(vm.id));
  const [giving, setGiving] = useState(false);
  const operates = useMay('operate-grants');
  const setsPolicy = useMay('operate-fabric');
  const last = decisions.data?.[0];
  return (
    <div>
      <PageHead
        title={`VM ${vm.status.name}`}
        label={<Name of={vm.status.name} />}
        note={
          <>
            <Badge tone={STATES[vm.status.state]}>{vm.status.state}</Badge>
            <span>
              on <HostLink id={vm.status.hostId} name={hosts.get(vm.status.hostId)} />
            </span>
            <span>
              told <Ago of={vm.status.reportedAt} />
            </span>
            <Id of={vm.id} />
          </>
        }
      >
        {operates ? (
          <>
            {setsPolicy ? (
              <button type="button" onClick={() => setSetting(true)}>
                Memory policy
              </button>
            ) : null}
            <button type="button" className="primary" onClick={() => setGiving(true)}>
              Give memory
            </button>
          </>
        ) : null}
      </PageHead>
      {setting ? <MemoryDialog answer={answer} onClose={() => setSetting(false)} /> : null}
      {giving ? <GiveDialog vmId={vm.id} onClose={() => setGiving(false)} /> : null}
      {vm.status.excludedBecause === null ? null : (
        <p className="note-line">
          Its memory is left alone: <bdi>{visible(vm.status.excludedBecause)}</bdi>
        </p>
      )}
      <div className="columns wide-left">
        <BalloonPanel vm={vm} at={at} decisions={decisions.data ?? []} />
        <FiguresPanel vm={vm} last={last} />
      </div>
      <VmGrants vmId={vm.id} />
      <div className="columns wide-left">
        <Panel title="Why" note="what its host decided about its balloon, newest first">
          <Loaded query={decisions}>{(all) => <Decisions of={all} />}</Loaded>
        </Panel>
        <EventsOf filter={`&vmId=${vm.id}`} about={(event) => event.vmId === vm.id} />
      </div>
    </div>
  );
}

const VM_SPANS = [
  ['live', 'Live'],
  ['1h', '1 h'],
] as const;

function BalloonPanel({ vm, at, decisions }: { vm: Vm; at: number; decisions: readonly Decision[] }): ReactNode {
  const last = decisions[0];
  const samples = useSamplesOf(`vm/${vm.id}`, at, {
    balloon: vm.status.balloonBytes,
    usable: vm.status.usableBytes,
    target: last?.targetBytes ?? null,
    max: vm.status.maxBytes,
  });
  const of = (key: string) => samples.map((sample) => sample.value[key] ?? null);
  const [span, setSpan] = useState<'live' | '1h'>('live');
  const choice = <Choice label="Span" of={VM_SPANS} chosen={span} onChoose={setSpan} />;
  if (span === '1h') {
    return (
      <Panel title="Balloon" note="what the broker recorded every ten seconds" tools={choice}>
        <VmHistory id={vm.id} decisions={decisions} />
      </Panel>
    );
  }
  return (
    <Panel title="Balloon" note="since this page was opened" tools={choice}>
      <Series
        label="Memory of the VM"
        times={samples.map((sample) => sample.at)}
        lines={[
          { label: 'Most', colour: 'reserve', values: of('max') },
          { label: 'Has', colour: 'harvested', values: of('balloon') },
          { label: 'Target of the last decision', colour: 'risk', values: of('target') },
          { label: 'Usable inside', colour: 'free', values: of('usable') },
        ]}
        height={170}
      />
    </Panel>
  );
}

/** What its memory is now, and what the last decision saw of it. */
function FiguresPanel({ vm, last }: { vm: Vm; last: Decision | undefined }): ReactNode {
  const inputs = last?.inputs;
  const demand =
    vm.status.balloonBytes === null || vm.status.usableBytes === null
      ? null
      : Math.max(0, vm.status.balloonBytes - vm.status.usableBytes);
  return (
    <Panel title="Now">
      <Facts
        of={[
          ['Demand', <Bytes of={demand} />],
          ['Has', <Bytes of={vm.status.balloonBytes} />],
          ['Most', <Bytes of={vm.status.maxBytes} />],
          ['Reclaimed', <Bytes of={reclaimedOf(vm)} />],
          ['Usable inside', <Bytes of={vm.status.usableBytes} />],
          ['Resident on the host', <Bytes of={vm.status.residentBytes} />],
          ['Balloon target', <Bytes of={last?.targetBytes} />],
          ['Pressure', inputs === undefined || inputs.pressureCentipercent === null ? <Unknown /> : `${(inputs.pressureCentipercent / 100).toFixed(2)} %`],
          ['Refaults', inputs === undefined ? <Unknown /> : `${inputs.refaultsPerSecond} per s`],
          ['Stalled', inputs === undefined ? <Unknown /> : `${(inputs.stallMicrosPerSecond / 1_000).toFixed(1)} ms per s`],
          ['Always keeps', vm.spec.memory.floorBytes === 0 ? 'as its host keeps' : <Bytes of={vm.spec.memory.floorBytes} />],
          ['Gets back at most', vm.spec.memory.ceilingBytes === 0 ? 'all it was defined with' : <Bytes of={vm.spec.memory.ceilingBytes} />],
          ['Weight', String(vm.spec.memory.weight)],
          ['Idle memory', vm.spec.memory.lend ? 'may be taken' : 'is left alone'],
          ['Grows by itself', vm.spec.memory.autoGrow.enabled ? <Bytes of={vm.spec.memory.autoGrow.maxBytes} /> : 'no'],
          ['Policy in force', vm.status.specInForce ? 'yes' : 'not yet told'],
          ['Balloon daemon', vm.status.guestDaemon ? 'heard' : 'not heard'],
        ]}
      />
    </Panel>
  );
}

function VmGrants({ vmId }: { vmId: string }): ReactNode {
  const grants = useQuery(grantsQuery(vmId));
  return (
    <Panel title="Its grants" flush>
      <Loaded query={grants}>
        {(all) => (
          <GrantTable
            grants={all.items}
            withVm={false}
            empty={<Empty title="It holds no memory of other hosts.">“Give memory” grants it some.</Empty>}
          />
        )}
      </Loaded>
    </Panel>
  );
}
