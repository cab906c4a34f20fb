import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { call } from '../../api/client';
import type { Answer, Grant, Operation, Schemas } from '../../api/client';
import { grantQuery } from '../../api/queries';
import { Dialog } from '../../parts/Dialog';
import { Failure } from '../../parts/Frame';
import { gib, parseBytes, shortId } from '../../parts/format';
import { REGION } from './lenders';
import { wrongSize } from './size';
import { ResizeView } from './ResizeView';

interface Props {
  answer: Answer<Grant>;
  hosts: ReadonlyMap<string, string>;
  onClose: () => void;
}

/** Asks for another size of a grant, after it showed how the grant would get there. */
export function ResizeDialog({ answer, hosts, onClose }: Props): ReactNode {
  const client = useQueryClient();
  const grant = answer.body;
  const has = grant.status.sizeBytes;
  const [size, setSize] = useState(gib(has).replaceAll(',', ''));
  const [plan, setPlan] = useState<Schemas['Resize'] | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const bytes = parseBytes(size);
  const rounded = bytes === null ? 0 : Math.ceil(bytes / REGION) * REGION;
  const wrong = wrongSize(bytes);
  const same = rounded === has;
  const path = `/api/v1/grants/${grant.id}`;
  const body = { spec: { sizeBytes: bytes ?? 0 } };

  const fail = (failure: unknown) => {
    setBusy(false);
    setError(failure);
  };
  const preview = () => {
    setError(null);
    call<Schemas['Resize']>(`${path}?validateOnly=true`, { method: 'PATCH', body }).then(({ body: found }) => setPlan(found), fail);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wrong !== null || same || busy) return;
    setBusy(true);
    setError(null);
    call<{ operation: Operation }>(path, { method: 'PATCH', etag: answer.etag ?? '', body }).then(() => {
      void client.invalidateQueries({ queryKey: grantQuery(grant.id).queryKey });
      void client.invalidateQueries({ queryKey: ['grants'] });
      onClose();
    }, fail);
  };

  return (
    <Dialog title={`Another size for grant ${shortId(grant.id)}`} onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <p>
          It has {gib(has)}. It grows by a further device that the guest swaps on, and shrinks by whole devices after the guest has taken
          their pages back; its VM goes on meanwhile.
        </p>
        <label className="field">
          <span>New size</span>
          <input
            value={size}
            onChange={(e) => {
              setSize(e.target.value);
              setPlan(null);
            }}
            aria-invalid={wrong !== null}
            autoFocus
          />
          <span className={wrong === null ? 'hint' : 'wrong'}>{wrong ?? `${gib(rounded)} in regions of 64 MiB`}</span>
        </label>
        {plan === null ? null : <ResizeView plan={plan} hosts={hosts} />}
        {error === null ? null : <Failure error={error} />}
        <div className="buttons">
          <button type="button" onClick={preview} disabled={wrong !== null || same}>
            Show how it would get there
          </button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary" disabled={busy || wrong !== null || same}>
            {busy ? 'Asking…' : 'Change the size'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
