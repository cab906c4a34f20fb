import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { call } from '../../api/client';
import type { Answer, Vm } from '../../api/client';
import { vmQuery } from '../../api/queries';
import { Dialog } from '../../parts/Dialog';
import { Failure } from '../../parts/Frame';
import { gib, parseBytes, visible } from '../../parts/format';

interface Draft {
  floor: string;
  ceiling: string;
  weight: string;
  lend: boolean;
  grow: boolean;
  growMost: string;
}

function sizeOf(text: string): number | null {
  return text.trim() === '' ? 0 : parseBytes(text);
}

function textOf(bytes: number): string {
  return bytes === 0 ? '' : gib(bytes).replaceAll(',', '');
}

/** What is wrong with a draft, by field; the broker has the last word. */
export function wrongOf(draft: Draft, maxBytes: number): Partial<Record<keyof Draft, string>> {
  const wrong: Partial<Record<keyof Draft, string>> = {};
  const floor = sizeOf(draft.floor);
  const ceiling = sizeOf(draft.ceiling);
  const weight = Number(draft.weight);
  if (floor === null) wrong.floor = 'A size such as 2 GiB, or nothing.';
  else if (floor > maxBytes) wrong.floor = `The VM has at most ${gib(maxBytes)}.`;
  if (ceiling === null) wrong.ceiling = 'A size such as 8 GiB, or nothing.';
  else if (ceiling > maxBytes) wrong.ceiling = `The VM has at most ${gib(maxBytes)}.`;
  else if (floor !== null && ceiling !== 0 && ceiling < floor) wrong.ceiling = 'Not less than what it always keeps.';
  if (!/^\d{1,4}$/.test(draft.weight) || weight < 1 || weight > 1_000) wrong.weight = 'A whole number from 1 to 1,000.';
  if (draft.grow && !(sizeOf(draft.growMost) ?? 0)) wrong.growMost = 'Growth needs a limit.';
  return wrong;
}

/** The form for what is wanted of a VM's memory. */
export function MemoryDialog({ answer, onClose }: { answer: Answer<Vm>; onClose: () => void }): ReactNode {
  const client = useQueryClient();
  const { id, spec, status } = answer.body;
  const [draft, setDraft] = useState<Draft>({
    floor: textOf(spec.memory.floorBytes),
    ceiling: textOf(spec.memory.ceilingBytes),
    weight: String(spec.memory.weight),
    lend: spec.memory.lend,
    grow: spec.memory.autoGrow.enabled,
    growMost: textOf(spec.memory.autoGrow.maxBytes),
  });
  const [error, setError] = useState<unknown>(null);
  const wrong = wrongOf(draft, status.maxBytes);
  const ready = Object.keys(wrong).length === 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!ready) return;
    const memory = {
      floorBytes: sizeOf(draft.floor),
      ceilingBytes: sizeOf(draft.ceiling),
      weight: Number(draft.weight),
      lend: draft.lend,
      autoGrow: { enabled: draft.grow, maxBytes: sizeOf(draft.growMost) ?? 0 },
    };
    setError(null);
    call<Vm>(`/api/v1/vms/${id}`, { method: 'PATCH', etag: answer.etag ?? '', body: { spec: { memory } } }).then((changed) => {
      client.setQueryData(vmQuery(id).queryKey, changed);
      onClose();
    }, setError);
  };
  const size = (key: 'floor' | 'ceiling' | 'growMost', label: string, hint: string) => (
    <label className="field">
      <span>{label}</span>
      <input value={draft[key]} onChange={(e) => setDraft({ ...draft, [key]: e.target.value })} aria-invalid={wrong[key] !== undefined} />
      <span className={wrong[key] === undefined ? 'hint' : 'wrong'}>{wrong[key] ?? hint}</span>
    </label>
  );
  return (
    <Dialog title={`Memory policy of VM ${visible(status.name)}`} onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <div className="row">
          {size('floor', 'Always keeps', 'Nothing: what its host keeps for every VM.')}
          {size('ceiling', 'Gets back at most', 'Nothing: all that it was defined with.')}
        </div>
        <label className="field">
          <span>Weight where memory is short</span>
          <input
            value={draft.weight}
            onChange={(e) => setDraft({ ...draft, weight: e.target.value })}
            aria-invalid={wrong.weight !== undefined}
            inputMode="numeric"
          />
          <span className={wrong.weight === undefined ? 'hint' : 'wrong'}>{wrong.weight ?? '1 is usual.'}</span>
        </label>
        <label className="pick">
          <input type="checkbox" checked={draft.lend} onChange={(e) => setDraft({ ...draft, lend: e.target.checked })} />
          Its idle memory may be taken
        </label>
        <label className="pick">
          <input type="checkbox" checked={draft.grow} onChange={(e) => setDraft({ ...draft, grow: e.target.checked })} />
          Its host may ask for grants for it
        </label>
        {draft.grow ? size('growMost', 'At most in such grants', 'A size such as 4 GiB.') : null}
        {error === null ? null : <Failure error={error} />}
        <div className="buttons">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary" disabled={!ready}>
            Save
          </button>
        </div>
      </form>
    </Dialog>
  );
}
