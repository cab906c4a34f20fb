import { queryOptions } from '@tanstack/react-query';
import { get } from '../api/client';
import type { Schemas } from '../api/client';

export type CapacityPoint = Schemas['CapacityPoint'];

/** How far back a series looks; `live` is what these pages saw themselves. */
export const SPANS = [
  ['live', 'Live'],
  ['1h', '1 h'],
  ['24h', '24 h'],
  ['7d', '7 d'],
] as const;

export type Span = (typeof SPANS)[number][0];

const SECONDS: Record<Exclude<Span, 'live'>, number> = { '1h': 3_600, '24h': 86_400, '7d': 604_800 };

export interface History<P> {
  stepSeconds: number;
  points: P[];
}

/** The fabric's memory, or a host's, over a span that ends now. Asked for again as often as a point is written. */
export const capacityHistoryQuery = (span: Span, hostId?: string) =>
  queryOptions({
    queryKey: ['capacity', 'history', hostId ?? 'all', span],
    queryFn: ({ signal }) =>
      get<History<CapacityPoint>>(`/api/v1/capacity/history?from=${fromOf(span)}${hostId === undefined ? '' : `&hostId=${hostId}`}`, signal),
    enabled: span !== 'live',
    refetchInterval: 60_000,
  });

export function fromOf(span: Span): string {
  return span === 'live' ? '' : encodeURIComponent(new Date(Date.now() - SECONDS[span] * 1_000).toISOString());
}

/**
 * Points as times in seconds and what is at them; where a point is missing, nothing, so that no line is
 * drawn over a time of which nothing is known.
 */
export function spread<P extends { at: string }>({ stepSeconds, points }: History<P>): { times: number[]; at: (P | null)[] } {
  const times: number[] = [];
  const at: (P | null)[] = [];
  for (const point of points) {
    const time = Date.parse(point.at) / 1_000;
    const last = times[times.length - 1];
    if (last !== undefined && time - last > 1.5 * stepSeconds) {
      times.push(last + stepSeconds);
      at.push(null);
    }
    times.push(time);
    at.push(point);
  }
  return { times, at };
}

const HOUR_SECONDS = 3_600;

/**
 * What was written down before the first sample, then the samples: somebody who has just come sees the
 * last hour at once. Samples have their time in seconds.
 */
export function withSamples<P extends { at: string }, V>(
  written: History<P> | undefined,
  samples: readonly { at: number; value: V }[],
): { times: number[]; at: (P | V | null)[] } {
  const first = samples[0]?.at ?? Infinity;
  const oldest = (samples[samples.length - 1]?.at ?? 0) - HOUR_SECONDS;
  const stepSeconds = written?.stepSeconds ?? 0;
  const points = (written?.points ?? []).filter(({ at }) => {
    const seconds = Date.parse(at) / 1_000;
    return seconds < first && seconds >= oldest;
  });
  const before = spread({ stepSeconds, points });
  const last = before.times[before.times.length - 1];
  // A point stands for its whole step, and the next one may not be written yet.
  const missing = last !== undefined && first !== Infinity && first - last > 2.5 * stepSeconds;
  const gap = missing ? { times: [last + stepSeconds], at: [null] } : { times: [], at: [] };
  return {
    times: [...before.times, ...gap.times, ...samples.map((sample) => sample.at)],
    at: [...before.at, ...gap.at, ...samples.map((sample) => sample.value)],
  };
}
