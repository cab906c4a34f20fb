import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Answer, Grant } from '../../api/client';
import { grantQuery } from '../../api/queries';
import { Loaded, PageHead, Panel } from '../../parts/Frame';
import { shortId, visible } from '../../parts/format';
import { Badge, Bytes, Facts, GrantLink, HostLink, Id, Time, VmLink } from '../../parts/Values';
import { useMay } from '../../session/session';
import { useHostNames, useVmNames } from '../names';
import { ExtentMap } from './ExtentMap';
import { GrantLife } from './GrantLife';
import { PartsPanel } from './PartsPanel';
import { ReleaseButton } from './ReleaseButton';
import { ResizeDialog } from './ResizeDialog';
import { ReturnButton } from './ReturnButton';
import { canResize, hasEnded, meaningOf, problemOf, toneOfGrant } from './grantState';

export function GrantPage(): ReactNode {
  const { id } = useParams({ from: '/grants/$id' });
  const grant = useQuery(grantQuery(id));
  return <Loaded query={grant}>{(answer) => <GrantView answer={answer} />}</Loaded>;
}

function fact(term: string, value: ReactNode): [string, ReactNode] {
  return [term, value];
}

function GrantView({ answer }: { answer: Answer<Grant> }): ReactNode {
  const grant = answer.body;
  const [resizing, setResizing] = useState(false);
  const hosts = useHostNames();
  const vms = useVmNames();
  const operates = useMay('operate-grants');
  const keepsFabric = useMay('operate-fabric');
  const { spec, status } = grant;
  const problem = problemOf(grant);
  return (
    <div>
      <PageHead
        title={`Grant ${shortId(grant.id)}`}
        note={
          <>
            <Badge tone={toneOfGrant(status.state)}>{status.state}</Badge>
            <span>{meaningOf(status.state)}</span>
          </>
        }
      >
        {keepsFabric && status.state === 'QUARANTINED' && status.partOf === undefined ? <ReturnButton grant={grant} /> : null}
        {operates && !hasEnded(grant) && status.partOf === undefined ? (
          <>
            {canResize(grant) ? (
              <button type="button" onClick={() => setResizing(true)}>
                Another size
              </button>
            ) : null}
            <ReleaseButton grant={grant} vmName={vms.get(spec.vmId)} hosts={hosts} />
          </>
        ) : null}
      </PageHead>
      {resizing ? <ResizeDialog answer={answer} hosts={hosts} onClose={() => setResizing(false)} /> : null}
      {problem === undefined ? null : (
        <p className="note-line">
          <strong>{visible(problem.detail)}</strong> <code className="faint">{visible(problem.code)}</code>
        </p>
      )}
      <div className="columns wide-left">
        <Panel title="Where its pages are" note="a cell is an extent of 64 MiB; its layers are its copies">
          <ExtentMap grant={grant} hosts={hosts} />
        </Panel>
        <Panel title="Facts">
          <Facts
            of={[
              ['VM', <VmLink id={spec.vmId} name={vms.get(spec.vmId)} />],
              ['On host', <HostLink id={status.borrowerId} name={hosts.get(status.borrowerId)} />],
              ['Size', <Bytes of={status.sizeBytes} />],
              ['Asked for', <Bytes of={spec.sizeBytes} />],
              ...(status.wantedBytes === undefined ? [] : [fact('On its way to', <Bytes of={status.wantedBytes} />)]),
              ...(status.spilledBytes === undefined ? [] : [fact("On its host's disk", <Bytes of={status.spilledBytes} />)]),
              ...(status.partOf === undefined ? [] : [fact('Part of', <GrantLink id={status.partOf} />)]),
              ['Copies', String(spec.copies ?? 1)],
              ['Used as', spec.attachMode === 'SWAP' ? 'swap' : 'raw disk'],
              ['Latency class', spec.latencyClass ?? 'ANY'],
              ['Serial in the guest', <code>{visible(status.serial)}</code>],
              ['Epoch', String(status.epoch)],
              ...(spec.expiresAt === undefined ? [] : [fact('Wanted until', <Time of={spec.expiresAt} />)]),
              ['Created', <Time of={grant.createdAt} />],
              ['Changed', <Time of={grant.updatedAt} />],
              ['Id', <Id of={grant.id} />],
            ]}
          />
        </Panel>
      </div>
      {status.parts === undefined ? null : <PartsPanel parts={status.parts} />}
      <GrantLife grant={grant} />
    </div>
  );
}
