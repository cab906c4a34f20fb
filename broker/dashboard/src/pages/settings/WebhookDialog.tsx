import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { call } from '../../api/client';
import type { Webhook } from '../../api/client';
import { webhooksQuery } from '../../api/queries';
import { Dialog } from '../../parts/Dialog';
import { Failure } from '../../parts/Frame';
import { ShownOnce } from '../../parts/ShownOnce';

/** What is wrong with an address; the broker has the last word. */
export function wrongUrl(text: string): string | null {
  if (!URL.canParse(text)) return 'An address such as https://example.org/events.';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'It begins with https:// or http://.';
  return url.username === '' && url.password === '' ? null : 'Without a user: the signature says who posts.';
}

/** The types of events in a text, or null where one of them cannot be one. */
export function typesOf(text: string): string[] | null {
  const types = text.split(/[\s,]+/).filter((word) => word !== '');
  return types.length <= 50 && types.every((type) => /^[a-z]+(_[a-z]+)*$/.test(type)) ? types : null;
}

/** Makes a webhook, and shows the secret of its signatures this once. */
export function WebhookDialog({ onClose }: { onClose: () => void }): ReactNode {
  const client = useQueryClient();
  const [url, setUrl] = useState('');
  const [words, setWords] = useState('');
  const [secret, setSecret] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const types = typesOf(words);
  const wrong = wrongUrl(url);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wrong !== null || types === null) return;
    setError(null);
    call<Webhook>('/api/v1/webhooks', { method: 'POST', body: { spec: { url, types } } }).then(({ body }) => {
      setSecret(body.secret ?? '');
      void client.invalidateQueries({ queryKey: webhooksQuery.queryKey });
    }, setError);
  };
  if (secret !== null) {
    return (
      <ShownOnce title="The secret of the webhook" secret={secret} onClose={onClose}>
        Keep it now: it is shown only this once. With it the receiver checks that a post is from this broker (Standard
        Webhooks, header <code>webhook-signature</code>).
      </ShownOnce>
    );
  }
  return (
    <Dialog title="New webhook" onClose={onClose}>
      <form className="form" onSubmit={submit}>
        <label className="field">
          <span>Address</span>
          <input value={url} onChange={(e) => setUrl(e.target.value)} maxLength={2_000} spellCheck={false} autoFocus />
          <span className={url !== '' && wrong !== null ? 'wrong' : 'hint'}>
            {url !== '' && wrong !== null ? wrong : 'Each event is a POST of its own, in order. Redirects are not followed.'}
          </span>
        </label>
        <label className="field">
          <span>Only these events</span>
          <input value={words} onChange={(e) => setWords(e.target.value)} aria-invalid={types === null} spellCheck={false} />
          <span className={types === null ? 'wrong' : 'hint'}>
            {types === null ? 'Types such as grant_active, at most 50.' : 'Types such as grant_active grant_degraded; nothing: all events.'}
          </span>
        </label>
        {error === null ? null : <Failure error={error} />}
        <div className="buttons">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary" disabled={wrong !== null || types === null}>
            Make it
          </button>
        </div>
      </form>
    </Dialog>
  );
}
