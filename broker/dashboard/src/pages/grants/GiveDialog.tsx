import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { call, newKey } from '../../api/client';
import type { Operation, Schemas } from '../../api/client';
import { capacityQuery, vmsQuery } from '../../api/queries';
import { Dialog } from '../../parts/Dialog';
import { Failure } from '../../parts/Frame';
import { gib, parseBytes, visible } from '../../parts/format';
import { useMay } from '../../session/session';
import { useHostNames } from '../names';
import { REGION } from './lenders';
import { PlacementView } from './PlacementView';
import { wrongSize } from './size';

/** Asks for a grant. What is wrong with it is said before it is sent; the broker has the last word. */
export function GiveDialog({ vmId, onClose }: { vmId?: string; onClose: () => void }): ReactNode {
  const client = useQueryClient();
  const navigate = useNavigate();
  const vms = useQuery(vmsQuery());
  const capacity = useQuery({ ...capacityQuery, enabled: useMay('see-fabric') });
  const [vm, setVm] = useState(vmId ?? '');
  const [size, setSize] = useState('1 GiB');
  const [mode, setMode] = useState<Schemas['GrantSpec']['attachMode']>('SWAP');
  const [copies, setCopies] = useState(2);
  const [latency, setLatency] = useState<'LOW' | 'STANDARD' | 'ANY'>('ANY');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [placement, setPlacement] = useState<Schemas['Placement'] | null>(null);
  const hosts = useHostNames();
  // One key for one form: who presses twice, or again after a broken answer, gets one grant.
  const key = useRef(newKey());
  const running = (vms.data?.items ?? []).filter((each) => each.status.state === 'RUNNING');
  const bytes = parseBytes(size);
  const wrong = wrongSize(bytes);
  const rounded = bytes === null ? 0 : Math.ceil(bytes / REGION) * REGION;
  const chosen = running.find((each) => each.id === vm);
  const free = capacity.data?.freeBytes;
  const spec = { vmId: vm, sizeBytes: bytes ?? 0, attachMode: mode, latencyClass: latency, copies };

  const preview = () => {
    setError(null);
    call<Schemas['Placement']>('/api/v1/grants?validateOnly=true', { method: 'POST', body: { spec } }).then(
      ({ body }) => setPlacement(body),
      (failure: unknown) => {
        setPlacement(null);
        setError(failure);
      },
    );
  };

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wrong !== null || vm === '' || busy) return;
    setBusy(true);
    setError(null);
    call<{ operation: Operation }>('/api/v1/grants', { method: 'POST', body: { spec }, idempotencyKey: key.current }).then(
      ({ body }) => {
        void client.invalidateQueries({ queryKey: ['grants'] });
        const id = body.operation.grantId;
        if (id !== undefined) void navigate({ to: '/grants/$id', params: { id } });
        onClose();
      },
      (failure: unknown) => {
        setBusy(false);
        setError(failure);
        key.current = newKey();
      },
    );
  };

  return (
    <Dialog title="Give memory to a VM" onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <label className="field">
          <span>VM</span>
          <select value={vm} onChange={(e) => setVm(e.target.value)} required>
            <option value="">Choose one that runs</option>
            {running.map((each) => (
              <option key={each.id} value={each.id}>
                {visible(each.status.name).slice(0, 80)}
              </option>
            ))}
          </select>
        </label>
        <div className="row">
          <label className="field">
            <span>Size</span>
            <input value={size} onChange={(e) => setSize(e.target.value)} aria-invalid={wrong !== null} />
            <span className={wrong === null ? 'hint' : 'wrong'}>{wrong ?? `${gib(rounded)} in regions of 64 MiB`}</span>
          </label>
          <label className="field">
            <span>Copies of every page</span>
            <select value={copies} onChange={(e) => setCopies(Number(e.target.value))}>
              <option value={2}>2: one lender may die</option>
              <option value={1}>1: a lost lender loses pages</option>
            </select>
          </label>
        </div>
        <div className="row">
          <label className="field">
            <span>Used as</span>
            <select value={mode} onChange={(e) => setMode(e.target.value as typeof mode)}>
              <option value="SWAP">Swap, by the balloon daemon</option>
              <option value="DEVICE">A raw disk</option>
            </select>
          </label>
          <label className="field">
            <span>Latency</span>
            <select value={latency} onChange={(e) => setLatency(e.target.value as typeof latency)}>
              <option value="ANY">Any</option>
              <option value="STANDARD">Standard</option>
              <option value="LOW">Low, measured</option>
            </select>
          </label>
        </div>
        {mode === 'SWAP' && chosen?.status.guestDaemon === false ? (
          <p className="note-line">The balloon daemon of this VM was not heard; the broker will refuse swap.</p>
        ) : null}
        <p className="faint">
          {free === undefined
            ? `It takes ${gib(rounded * copies)} of other hosts’ memory.`
            : `It takes ${gib(rounded * copies)} of ${gib(free)} that are free.`}
        </p>
        {placement === null ? null : <PlacementView placement={placement} hosts={hosts} />}
        {error === null ? null : <Failure error={error} />}
        <div className="buttons">
          <button type="button" onClick={preview} disabled={wrong !== null || vm === ''}>
            Show where it would go
          </button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary" disabled={busy || wrong !== null || vm === ''}>
            {busy ? 'Asking…' : 'Give it'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
