import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { call } from '../../api/client';
import type { Answer, Host } from '../../api/client';
import { hostQuery } from '../../api/queries';
import { Confirm, Dialog } from '../../parts/Dialog';
import { Failure } from '../../parts/Frame';
import { gib, parseBytes, visible } from '../../parts/format';
import { RecallDialog } from './RecallDialog';

type Mode = Host['spec']['mode'];

const EFFECTS: Record<Mode, string> = {
  HARVEST: 'Its agent takes idle memory from its VMs and lends it. VMs get memory back as soon as they need it.',
  OBSERVE: 'Its agent only watches: it decides and reports, and touches nothing. What it lends stays lent.',
  PAUSE: 'Its agent takes nothing more and gives back what its guests need. What it lends stays lent.',
};

/** What an operator can order of a host. */
export function HostActions({ answer }: { answer: Answer<Host> }): ReactNode {
  const [wanted, setWanted] = useState<Mode | null>(null);
  const [limiting, setLimiting] = useState(false);
  const [recalling, setRecalling] = useState(false);
  const host = answer.body;
  const change = useHostChange(answer);
  const name = visible(host.status.name);
  return (
    <>
      {(['HARVEST', 'OBSERVE', 'PAUSE'] as const)
        .filter((mode) => mode !== host.spec.mode)
        .map((mode) => (
          <button key={mode} type="button" onClick={() => setWanted(mode)}>
            {{ HARVEST: 'Harvest', OBSERVE: 'Only observe', PAUSE: 'Pause' }[mode]}
          </button>
        ))}
      <button type="button" onClick={() => setLimiting(true)}>
        Limit lending
      </button>
      <button type="button" onClick={() => setRecalling(true)}>
        Recall memory
      </button>
      {wanted === null ? null : (
        <Confirm
          title={`Set host ${name} to ${wanted}`}
          effect={<p>{EFFECTS[wanted]}</p>}
          verb={`Set ${wanted}`}
          act={() => change({ mode: wanted })}
          onClose={() => setWanted(null)}
        />
      )}
      {limiting ? (
        <LimitDialog host={host} change={(bytes) => change({ lendLimitBytes: bytes })} onClose={() => setLimiting(false)} />
      ) : null}
      {recalling ? <RecallDialog host={host} onClose={() => setRecalling(false)} /> : null}
    </>
  );
}

/** Changes a host as it was seen: if somebody else changed it meanwhile, the broker refuses. */
export function useHostChange(answer: Answer<Host>): (spec: object) => Promise<void> {
  const client = useQueryClient();
  return async (spec) => {
    const changed = await call<Host>(`/api/v1/hosts/${answer.body.id}`, {
      method: 'PATCH',
      etag: answer.etag ?? '',
      body: { spec },
    });
    client.setQueryData(hostQuery(answer.body.id).queryKey, changed);
    void client.invalidateQueries({ queryKey: ['hosts'] });
  };
}

function LimitDialog(props: { host: Host; change: (bytes: number) => Promise<void>; onClose: () => void }): ReactNode {
  const { host, change, onClose } = props;
  const [text, setText] = useState(gib(host.spec.lendLimitBytes).replaceAll(',', ''));
  const [error, setError] = useState<unknown>(null);
  const bytes = parseBytes(text);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (bytes === null) return;
    setError(null);
    change(bytes).then(onClose, setError);
  };
  return (
    <Dialog title={`Limit what host ${visible(host.status.name)} lends`} onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <p>It makes no region beyond the limit. What it lends already, now {gib(host.status.lentBytes)}, stays lent.</p>
        <label className="field">
          <span>The most that it may lend</span>
          <input value={text} onChange={(e) => setText(e.target.value)} aria-invalid={bytes === null} autoFocus />
          <span className={bytes === null ? 'wrong' : 'hint'}>
            {bytes === null ? 'A number with GiB, MiB or TiB, such as 16 GiB.' : 'A number with GiB, MiB or TiB.'}
          </span>
        </label>
        {error === null ? null : <Failure error={error} />}
        <div className="buttons">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary" disabled={bytes === null}>
            Set the limit
          </button>
        </div>
      </form>
    </Dialog>
  );
}
