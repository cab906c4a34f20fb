import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { call } from '../../api/client';
import type { Webhook } from '../../api/client';
import { webhooksQuery } from '../../api/queries';
import { Confirm } from '../../parts/Dialog';
import { Empty, Loaded, Panel } from '../../parts/Frame';
import { count, visible } from '../../parts/format';
import { Badge, Name, Time } from '../../parts/Values';
import type { Tone } from '../../parts/Values';
import { useMay } from '../../session/session';
import { WebhookDialog } from './WebhookDialog';

/** How deliveries go, as one word. */
export function deliveryOf({ spec, status }: Webhook): { word: string; tone: Tone } {
  if (spec.state === 'STOPPED') return { word: 'Stopped', tone: status.lastError === undefined ? 'quiet' : 'bad' };
  return status.failedAttempts > 0 ? { word: 'Failing', tone: 'warn' } : { word: 'Delivers', tone: 'good' };
}

type Deed = { kind: 'stop' | 'go on' | 'end'; hook: Webhook };

/** Who is told of events outside, how that goes, and how to stop or end it. */
export function WebhooksPanel(): ReactNode {
  const hooks = useQuery(webhooksQuery);
  const operates = useMay('operate-fabric');
  const [making, setMaking] = useState(false);
  const [deed, setDeed] = useState<Deed | null>(null);
  return (
    <Panel
      title="Webhooks"
      note="each event is posted as a signed CloudEvent"
      tools={
        operates ? (
          <button type="button" onClick={() => setMaking(true)}>
            New webhook
          </button>
        ) : undefined
      }
      flush
    >
      <Loaded query={hooks}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="Nobody is told of events.">
              {operates ? 'A webhook posts each event to an address of yours, from its making on.' : 'An operator of the fabric can make a webhook.'}
            </Empty>
          ) : (
            <table className="data" aria-label="Webhooks">
              <thead>
                <tr>
                  {['Address', 'Events', 'Delivery', 'Last event that arrived', 'Last error', 'Made by', 'Made'].map((head) => (
                    <th key={head} scope="col">
                      {head}
                    </th>
                  ))}
                  <th scope="col">
                    <span className="sr">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {items.map((hook) => (
                  <WebhookRow key={hook.id} hook={hook} operates={operates} onDeed={setDeed} />
                ))}
              </tbody>
            </table>
          )
        }
      </Loaded>
      {making ? <WebhookDialog onClose={() => setMaking(false)} /> : null}
      {deed === null ? null : <DeedDialog deed={deed} onClose={() => setDeed(null)} />}
    </Panel>
  );
}

function WebhookRow(props: { hook: Webhook; operates: boolean; onDeed: (deed: Deed) => void }): ReactNode {
  const { hook, operates, onDeed } = props;
  const { spec, status } = hook;
  const delivery = deliveryOf(hook);
  const goesOn = spec.state === 'ACTIVE';
  return (
    <tr>
      <td>
        <Name of={spec.url} />
      </td>
      <td title={spec.types.join(', ')}>{spec.types.length === 0 ? 'all' : spec.types.join(', ')}</td>
      <td>
        <Badge tone={delivery.tone}>{delivery.word}</Badge>
        {status.failedAttempts === 0 ? null : <span className="faint"> {count(status.failedAttempts)} failed</span>}
      </td>
      <td className="number">{status.lastEventId === 0 ? 'none yet' : count(status.lastEventId)}</td>
      <td>{status.lastError === undefined ? '–' : <Name of={status.lastError} />}</td>
      <td>
        <Name of={status.createdBy} />
      </td>
      <td>
        <Time of={hook.createdAt} />
      </td>
      <td className="end">
        {operates ? (
          <>
            <button type="button" className="small" onClick={() => onDeed({ kind: goesOn ? 'stop' : 'go on', hook })}>
              {goesOn ? 'Stop' : 'Go on'}
            </button>{' '}
            <button type="button" className="danger small" onClick={() => onDeed({ kind: 'end', hook })}>
              End
            </button>
          </>
        ) : null}
      </td>
    </tr>
  );
}

const WORDS: Record<Deed['kind'], { title: string; verb: string; effect: string }> = {
  stop: { title: 'Stop the webhook to', verb: 'Stop it', effect: 'It is told of nothing until it goes on; then it gets what happened meanwhile.' },
  'go on': { title: 'Let the webhook go on to', verb: 'Let it go on', effect: 'It gets what happened after the last event that arrived, in order.' },
  end: { title: 'End the webhook to', verb: 'End it', effect: 'It is told of nothing more, and its secret is forgotten. It cannot be brought back.' },
};

function DeedDialog({ deed: { kind, hook }, onClose }: { deed: Deed; onClose: () => void }): ReactNode {
  const client = useQueryClient();
  const words = WORDS[kind];
  const path = `/api/v1/webhooks/${hook.id}`;
  // The broker and a browser do not read every odd address alike.
  const host = visible(URL.canParse(hook.spec.url) ? new URL(hook.spec.url).host : hook.spec.url);
  const act = async () => {
    if (kind === 'end') await call(path, { method: 'DELETE' });
    else {
      // Every delivery is a revision: the one that was listed may be old by now.
      const { etag } = await call<Webhook>(path);
      const state = kind === 'stop' ? 'STOPPED' : 'ACTIVE';
      await call<Webhook>(path, { method: 'PATCH', etag: etag ?? '', body: { spec: { state } } });
    }
    await client.invalidateQueries({ queryKey: webhooksQuery.queryKey });
  };
  return (
    <Confirm
      title={`${words.title} ${host}`}
      effect={<p>{words.effect}</p>}
      verb={words.verb}
      {...(kind === 'end' ? { typed: host, danger: true } : {})}
      act={act}
      onClose={onClose}
    />
  );
}
