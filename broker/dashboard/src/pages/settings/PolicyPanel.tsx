import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { call, list } from '../../api/client';
import type { Answer, Schemas } from '../../api/client';
import { Confirm, Dialog } from '../../parts/Dialog';
import { Failure, Loaded, Panel } from '../../parts/Frame';
import { count, gib, parseBytes, visible } from '../../parts/format';
import { Badge, Facts, Time } from '../../parts/Values';
import { useMay } from '../../session/session';

type Policy = Schemas['Policy'];
type Document = Policy['document'];

const currentQuery = queryOptions({
  queryKey: ['policy', 'current'],
  queryFn: ({ signal }) => call<Policy>('/api/v1/policies/current', { signal }),
});

const versionsQuery = queryOptions({
  queryKey: ['policy', 'versions'],
  queryFn: ({ signal }) => list<Policy>('/api/v1/policies', 200, signal),
});

/** A document as terms and words, in an order that stays. */
export function wordsOf(document: Document): [string, string][] {
  return [
    ['Lend across tenants', document.lendAcrossTenants ? 'yes' : 'no'],
    ['Requests a second of a tenant', count(document.tenantRequestsPerSecond)],
    ['Quota of a new tenant', document.newTenantMaxBytes == null ? 'no limit' : gib(document.newTenantMaxBytes)],
    ['Grants of a new tenant', document.newTenantMaxGrants == null ? 'no limit' : count(document.newTenantMaxGrants)],
  ];
}

/** What one version has otherwise than another. */
export function differences(from: Document, to: Document): string[] {
  const before = new Map(wordsOf(from));
  return wordsOf(to)
    .filter(([term, word]) => before.get(term) !== word)
    .map(([term, word]) => `${term}: ${before.get(term) ?? 'nothing'} → ${word}`);
}

/** The policy of the fabric, its versions with what each changed, and the way back to an older one. */
export function PolicyPanel(): ReactNode {
  const client = useQueryClient();
  const current = useQuery(currentQuery);
  const versions = useQuery(versionsQuery);
  const operates = useMay('operate-fabric');
  const [changing, setChanging] = useState(false);
  const [back, setBack] = useState<Policy | null>(null);
  const refresh = () => client.invalidateQueries({ queryKey: ['policy'] });
  const rollBack = async (policy: Policy) => {
    await call('/api/v1/policies:rollback', {
      method: 'POST',
      etag: current.data?.etag ?? '',
      body: { toVersion: policy.version },
    });
    await refresh();
  };
  return (
    <Panel
      title="Policy"
      note="each change is a version"
      tools={
        operates && current.data !== undefined ? (
          <button type="button" onClick={() => setChanging(true)}>
            Change the policy
          </button>
        ) : undefined
      }
    >
      <Loaded query={current}>{({ body }) => <Facts of={wordsOf(body.document)} />}</Loaded>
      <Loaded query={versions}>
        {({ items }) => (
          <ul className="health versions">
            {items.map((policy, index) => {
              const older = items[index + 1];
              const changes = older === undefined ? [] : differences(older.document, policy.document);
              return (
                <li key={policy.version}>
                  <span>
                    <Badge tone={index === 0 ? 'good' : 'quiet'}>{`v${policy.version}`}</Badge>
                  </span>
                  <div>
                    <p>{changes.length === 0 ? 'The first version, or the same as before' : changes.join('; ')}</p>
                    <p>
                      <Time of={policy.createdAt} /> by <bdi>{visible(policy.createdBy)}</bdi>
                      {policy.note === '' ? '' : `: ${visible(policy.note)}`}
                    </p>
                  </div>
                  {operates && index > 0 ? (
                    <button type="button" className="small" onClick={() => setBack(policy)}>
                      Back to this
                    </button>
                  ) : null}
                </li>
              );
            })}
          </ul>
        )}
      </Loaded>
      {changing && current.data !== undefined ? (
        <PolicyDialog current={current.data} onDone={refresh} onClose={() => setChanging(false)} />
      ) : null}
      {back === null || current.data === undefined ? null : (
        <Confirm
          title={`Put version ${back.version} of the policy in force again`}
          effect={
            <ul>
              {differences(current.data.body.document, back.document).map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          }
          verb="Put it in force"
          act={() => rollBack(back)}
          onClose={() => setBack(null)}
        />
      )}
    </Panel>
  );
}

function PolicyDialog(props: { current: Answer<Policy>; onDone: () => unknown; onClose: () => void }): ReactNode {
  const { document: old } = props.current.body;
  const [across, setAcross] = useState(old.lendAcrossTenants);
  const [rate, setRate] = useState(String(old.tenantRequestsPerSecond));
  const [quota, setQuota] = useState(old.newTenantMaxBytes == null ? '' : gib(old.newTenantMaxBytes).replaceAll(',', ''));
  const [note, setNote] = useState('');
  const [error, setError] = useState<unknown>(null);
  const bytes = quota.trim() === '' ? null : parseBytes(quota);
  const wrongQuota = quota.trim() !== '' && bytes === null;
  const wrongRate = !/^[1-9]\d{0,5}$/.test(rate);
  const wanted: Document = { ...old, lendAcrossTenants: across, tenantRequestsPerSecond: Number(rate), newTenantMaxBytes: bytes };
  const changes = wrongQuota || wrongRate ? [] : differences(old, wanted);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setError(null);
    call<Policy>('/api/v1/policies', { method: 'POST', etag: props.current.etag ?? '', body: { document: wanted, note } }).then(() => {
      props.onDone();
      props.onClose();
    }, setError);
  };
  return (
    <Dialog title="Change the policy" onClose={props.onClose}>
      <form className="form" onSubmit={submit}>
        <label className="pick">
          <input type="checkbox" checked={across} onChange={(e) => setAcross(e.target.checked)} />
          Memory of one tenant’s VMs may be lent to another
        </label>
        <div className="row">
          <label className="field">
            <span>Requests a second of a tenant</span>
            <input value={rate} onChange={(e) => setRate(e.target.value)} aria-invalid={wrongRate} inputMode="numeric" />
            <span className={wrongRate ? 'wrong' : 'hint'}>A whole number.</span>
          </label>
          <label className="field">
            <span>Quota of a new tenant</span>
            <input value={quota} onChange={(e) => setQuota(e.target.value)} placeholder="no limit" aria-invalid={wrongQuota} />
            <span className={wrongQuota ? 'wrong' : 'hint'}>A size such as 64 GiB.</span>
          </label>
        </div>
        <label className="field">
          <span>Why</span>
          <input value={note} onChange={(e) => setNote(e.target.value)} maxLength={500} />
        </label>
        <p className="note-line">{changes.length === 0 ? 'Nothing is changed yet.' : changes.join('; ')}</p>
        {error === null ? null : <Failure error={error} />}
        <div className="buttons">
          <button type="button" onClick={props.onClose}>
            Cancel
          </button>
          <button type="submit" className="primary" disabled={changes.length === 0}>
            Put it in force
          </button>
        </div>
      </form>
    </Dialog>
  );
}
