import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { call } from '../../api/client';
import type { Answer, Schemas, Tenant } from '../../api/client';
import { Dialog } from '../../parts/Dialog';
import { Failure } from '../../parts/Frame';
import { gib, parseBytes, visible } from '../../parts/format';

const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const CLASSES = ['LOW', 'STANDARD', 'ANY'] as const;
const NO_LIMIT = -1;

function limitOf(text: string): number | null {
  return text.trim() === '' ? NO_LIMIT : parseBytes(text);
}

function countOf(text: string): number | null {
  if (text.trim() === '') return NO_LIMIT;
  return /^\d{1,9}$/.test(text.trim()) ? Number(text) : null;
}

/** Makes a tenant, or changes one: name, quotas, classes and whom it lends to. */
export function TenantDialog(props: { answer?: Answer<Tenant>; onDone?: (tenant: Tenant) => void; onClose: () => void }): ReactNode {
  const { answer, onDone, onClose } = props;
  const client = useQueryClient();
  const old = answer?.body.spec;
  const [name, setName] = useState(old?.name ?? '');
  const [bytes, setBytes] = useState(old?.maxBytes == null ? '' : gib(old.maxBytes).replaceAll(',', ''));
  const [grants, setGrants] = useState(old?.maxGrants == null ? '' : String(old.maxGrants));
  const [classes, setClasses] = useState<readonly string[]>(old?.latencyClasses ?? CLASSES);
  const [lendTo, setLendTo] = useState<Schemas['LendTo']>(old?.lendTo ?? 'EVERYBODY');
  const [error, setError] = useState<unknown>(null);
  const maxBytes = limitOf(bytes);
  const maxGrants = countOf(grants);
  const named = NAME.test(name);
  const ready = named && maxBytes !== null && maxGrants !== null;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!ready) return;
    const body = { spec: { name, maxBytes, maxGrants, latencyClasses: CLASSES.filter((each) => classes.includes(each)), lendTo } };
    const sent =
      answer === undefined
        ? call<Tenant>('/api/v1/tenants', { method: 'POST', body })
        : call<Tenant>(`/api/v1/tenants/${answer.body.id}`, { method: 'PATCH', etag: answer.etag ?? '', body });
    setError(null);
    sent.then((made) => {
      void client.invalidateQueries({ queryKey: ['tenants'] });
      client.setQueryData(['tenant', made.body.id], made);
      onDone?.(made.body);
      onClose();
    }, setError);
  };

  return (
    <Dialog title={old === undefined ? 'New tenant' : `Change tenant ${visible(old.name)}`} onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <label className="field">
          <span>Name</span>
          <input value={name} onChange={(e) => setName(e.target.value)} aria-invalid={name !== '' && !named} maxLength={63} required />
          <span className={name !== '' && !named ? 'wrong' : 'hint'}>Small letters, digits and dashes.</span>
        </label>
        <div className="row">
          <label className="field">
            <span>Most memory</span>
            <input value={bytes} onChange={(e) => setBytes(e.target.value)} placeholder="no limit" aria-invalid={maxBytes === null} />
            <span className={maxBytes === null ? 'wrong' : 'hint'}>Every copy counts, as in 64 GiB.</span>
          </label>
          <label className="field">
            <span>Most grants</span>
            <input value={grants} onChange={(e) => setGrants(e.target.value)} placeholder="no limit" aria-invalid={maxGrants === null} />
            <span className={maxGrants === null ? 'wrong' : 'hint'}>A whole number.</span>
          </label>
        </div>
        <label className="field">
          <span>Idle memory of its VMs is lent</span>
          <select value={lendTo} onChange={(e) => setLendTo(e.target.value as Schemas['LendTo'])}>
            <option value="EVERYBODY">to everybody</option>
            <option value="ITSELF">to itself only</option>
            <option value="NOBODY">to nobody</option>
          </select>
        </label>
        <fieldset className="checks">
          <legend>Latency classes that it may ask for</legend>
          {CLASSES.map((each) => (
            <label key={each} className="pick">
              <input
                type="checkbox"
                checked={classes.includes(each)}
                onChange={(e) => setClasses(e.target.checked ? [...classes, each] : classes.filter((one) => one !== each))}
              />
              {each}
            </label>
          ))}
        </fieldset>
        {error === null ? null : <Failure error={error} />}
        <div className="buttons">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary" disabled={!ready}>
            {old === undefined ? 'Make it' : 'Save'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
