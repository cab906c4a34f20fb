import type { components } from '../../target/contract';

export type Schemas = components['schemas'];
export type Host = Schemas['Host'];
export type Vm = Schemas['Vm'];
export type Grant = Schemas['Grant'];
export type Region = Schemas['Region'];
export type Event = Schemas['Event'];
export type Decision = Schemas['Decision'];
export type Operation = Schemas['Operation'];
export type Fabric = Schemas['Fabric'];
export type Sums = Schemas['Sums'];
export type Tenant = Schemas['Tenant'];
export type Token = Schemas['Token'];
export type AuditEntry = Schemas['AuditEntry'];
export type Recall = Schemas['Recall'];
export type Webhook = Schemas['Webhook'];
export type User = Schemas['User'];

/** What the broker refused, with its stable code; or that it did not answer (`unreachable`). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly retryable: boolean,
  ) {
    super(detail);
    this.name = 'ApiError';
  }
}

interface Options {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  body?: unknown;
  etag?: string;
  idempotencyKey?: string;
  signal?: AbortSignal | undefined;
}

export interface Answer<T> {
  body: T;
  etag: string | null;
}

let csrfToken = '';
let onSignedOut: () => void = () => undefined;

/** The token of the session at hand, which every change carries beside the cookie. */
export function setCsrfToken(token: string): void {
  csrfToken = token;
}

/** Called when the broker says that the session has ended. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

/** A key under which a request is carried out once. Without TLS a browser has no `randomUUID`. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export async function call<T>(path: string, options: Options = {}): Promise<Answer<T>> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (options.body !== undefined) headers['Content-Type'] = 'application/json';
  if (options.etag !== undefined) headers['If-Match'] = options.etag;
  if (options.method === 'POST') headers['Idempotency-Key'] = options.idempotencyKey ?? newKey();
  if (options.method !== undefined && options.method !== 'GET') headers['X-Memfabric-Csrf'] = csrfToken;
  const init: RequestInit = { method: options.method ?? 'GET', headers, credentials: 'same-origin', cache: 'no-store' };
  if (options.body !== undefined) init.body = JSON.stringify(options.body);
  if (options.signal !== undefined) init.signal = options.signal;
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, 'unreachable', 'The broker does not answer.', true);
  }
  const text = await response.text();
  if (!response.ok) throw problem(response.status, text);
  return { body: (text === '' ? undefined : JSON.parse(text)) as T, etag: response.headers.get('ETag') };
}

function problem(status: number, text: string): ApiError {
  let said: Partial<Schemas['Problem']> = {};
  try {
    said = JSON.parse(text) as Partial<Schemas['Problem']>;
  } catch {
    // A proxy in between may answer with a page of its own.
  }
  if (status === 401) onSignedOut();
  return new ApiError(
    status,
    said.code ?? 'unknown',
    said.detail ?? said.title ?? `The answer was ${status} without a reason.`,
    said.retryable ?? status >= 500,
  );
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await call<T>(path, { signal })).body;
}

interface PageOf<T> {
  items: T[];
  nextPageToken: string | null;
}

/** What a list has, up to `limit` items; `complete` says whether that was all. */
export interface Listing<T> {
  items: T[];
  complete: boolean;
}

/** Reads a list page by page. Every list of the broker has pages of at most 200. */
export async function list<T>(
  path: string,
  limit: number,
  signal?: AbortSignal,
  pick: (body: unknown) => PageOf<T> = (body) => body as PageOf<T>,
): Promise<Listing<T>> {
  const items: T[] = [];
  let token: string | null = null;
  do {
    const separator = path.includes('?') ? '&' : '?';
    const next = token === null ? '' : `&pageToken=${encodeURIComponent(token)}`;
    const page: PageOf<T> = pick(await get<unknown>(`${path}${separator}pageSize=200${next}`, signal));
    items.push(...page.items);
    token = page.nextPageToken;
  } while (token !== null && items.length < limit);
  return { items, complete: token === null };
}
