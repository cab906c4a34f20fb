import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { call, newKey } from '../../api/client';
import type { Host } from '../../api/client';
import { Dialog } from '../../parts/Dialog';
import { Failure } from '../../parts/Frame';
import { gib, parseBytes, visible } from '../../parts/format';

/** Asks for memory back that a host lends. */
export function RecallDialog({ host, onClose }: { host: Host; onClose: () => void }): ReactNode {
  const client = useQueryClient();
  const [size, setSize] = useState('');
  const [seconds, setSeconds] = useState('60');
  const [error, setError] = useState<unknown>(null);
  // The same request sent twice is one recall.
  const key = useRef(newKey());
  const bytes = parseBytes(size);
  const sizeIsWrong = size !== '' && (bytes === null || bytes <= 0);
  const deadline = /^[1-9]\d{0,4}$/.test(seconds) && Number(seconds) <= 86_400 ? Number(seconds) : null;
  const ready = bytes !== null && bytes > 0 && deadline !== null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!ready) return;
    setError(null);
    call(`/api/v1/hosts/${host.id}/recalls`, {
      method: 'POST',
      idempotencyKey: key.current,
      body: { spec: { bytes, deadlineSeconds: deadline } },
    }).then(
      () => {
        void client.invalidateQueries({ queryKey: ['host', host.id] });
        onClose();
      },
      (failure: unknown) => {
        key.current = newKey();
        setError(failure);
      },
    );
  };
  return (
    <Dialog title={`Recall memory for host ${visible(host.status.name)}`} onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <p>
          It lends {gib(host.status.lentBytes)} and offers {gib(host.status.freeBytes)} more. Free regions go first, then second
          copies, then pages move to other hosts while the VMs go on. The last copy of a page is never dropped.
        </p>
        <div className="row">
          <label className="field">
            <span>How much it gets back</span>
            <input value={size} onChange={(e) => setSize(e.target.value)} aria-invalid={sizeIsWrong} autoFocus autoComplete="off" />
            <span className={sizeIsWrong ? 'wrong' : 'hint'}>A number with GiB or MiB, such as 2 GiB.</span>
          </label>
          <label className="field">
            <span>Within how many seconds</span>
            <input value={seconds} onChange={(e) => setSeconds(e.target.value)} aria-invalid={deadline === null} inputMode="numeric" />
            <span className={deadline === null ? 'wrong' : 'hint'}>1 to 86400. After that it goes on, and is late.</span>
          </label>
        </div>
        {error === null ? null : <Failure error={error} />}
        <div className="buttons">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary" disabled={!ready}>
            Recall it
          </button>
        </div>
      </form>
    </Dialog>
  );
}
