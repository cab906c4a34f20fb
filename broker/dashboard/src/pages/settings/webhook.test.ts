import { expect, test } from 'vitest';
import type { Webhook } from '../../api/client';
import { typesOf, wrongUrl } from './WebhookDialog';
import { deliveryOf } from './WebhooksPanel';

test('takes only addresses that can be posted to', () => {
  expect(wrongUrl('https://example.org/events')).toBeNull();
  for (const bad of ['', 'example.org', 'ftp://example.org/', 'https://me:secret@example.org/']) expect(wrongUrl(bad)).not.toBeNull();
});

test('reads types of events from words', () => {
  expect(typesOf('')).toEqual([]);
  expect(typesOf(' grant_active, host_changed\n')).toEqual(['grant_active', 'host_changed']);
  expect(typesOf('Grant Active')).toBeNull();
});

test('tells a webhook that was stopped from one that gave up', () => {
  const hook = (state: string, failedAttempts: number, lastError?: string) =>
    ({ spec: { state }, status: { failedAttempts, lastError } }) as unknown as Webhook;
  expect(deliveryOf(hook('ACTIVE', 0)).tone).toBe('good');
  expect(deliveryOf(hook('ACTIVE', 3, 'refused')).word).toBe('Failing');
  expect(deliveryOf(hook('STOPPED', 0)).tone).toBe('quiet');
  expect(deliveryOf(hook('STOPPED', 300, 'refused')).tone).toBe('bad');
});
