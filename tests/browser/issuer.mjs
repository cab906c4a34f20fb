// A small OpenID Connect issuer on this machine: discovery, a sign-in page, the authorization code flow
// with PKCE, and signed tokens. It keeps to the specification where the broker depends on it, and
// remembers what it was asked, so that a test can say how the broker asked.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { createServer } from 'node:http';

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const escape = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

export class Issuer {
  clientId = 'memfabric-dashboard';
  people = new Map();
  codes = new Map();
  asked = [];
  /** What is wrong with the next token, for tests of refusals. */
  spoil = (claims) => claims;

  static async start() {
    const issuer = new Issuer();
    issuer.key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    issuer.server = createServer((request, response) => {
      issuer.answer(request, response).catch((error) => response.writeHead(500).end(String(error)));
    });
    await new Promise((listening) => issuer.server.listen(0, '127.0.0.1', listening));
    // Another name than the broker's 127.0.0.1, so that the browser takes the two for two sites.
    issuer.url = `http://localhost:${issuer.server.address().port}`;
    return issuer;
  }

  /** Options of a broker whose people sign in here. */
  options(externalUrl) {
    return [
      `--memfabric.oidc.issuer=${this.url}`,
      `--memfabric.oidc.jwks-uri=${this.url}/jwks`,
      `--memfabric-sign-in.client-id=${this.clientId}`,
      `--memfabric-sign-in.external-url=${externalUrl}`,
    ];
  }

  add(name, roles, tenant) {
    this.people.set(name, { roles, tenant });
  }

  async answer(request, response) {
    const url = new URL(request.url, this.url);
    const json = (status, body) => response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    switch (`${request.method} ${url.pathname}`) {
      case 'GET /.well-known/openid-configuration':
        return json(200, {
          issuer: this.url,
          authorization_endpoint: `${this.url}/authorize`,
          token_endpoint: `${this.url}/token`,
          jwks_uri: `${this.url}/jwks`,
          code_challenge_methods_supported: ['S256'],
        });
      case 'GET /jwks':
        return json(200, { keys: [{ ...this.key.publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'ES256' }] });
      case 'GET /authorize':
        return this.showSignIn(url.searchParams, response);
      case 'POST /authorize':
        return this.letIn(new URLSearchParams(await bodyOf(request)), response);
      case 'POST /token': {
        const form = new URLSearchParams(await bodyOf(request));
        this.asked.push(Object.fromEntries(form));
        const grant = this.redeem(form);
        return grant === null ? json(400, { error: 'invalid_grant' }) : json(200, grant);
      }
      default:
        return response.writeHead(404).end();
    }
  }

  showSignIn(query, response) {
    this.asked.push(Object.fromEntries(query));
    const right =
      query.get('response_type') === 'code' && query.get('client_id') === this.clientId && query.get('code_challenge_method') === 'S256';
    if (!right) return response.writeHead(400).end('not a request for a code with PKCE');
    const kept = ['state', 'redirect_uri', 'code_challenge']
      .map((name) => `<input type="hidden" name="${name}" value="${escape(query.get(name) ?? '')}">`)
      .join('');
    const page = `<!doctype html><html lang="en"><title>The organisation</title><form method="post" action="/authorize">${kept}
      <label>Who are you? <input name="who"></label><button>Let me in</button></form></html>`;
    return response.writeHead(200, { 'Content-Type': 'text/html' }).end(page);
  }

  letIn(form, response) {
    const back = new URL(form.get('redirect_uri'));
    back.searchParams.set('state', form.get('state'));
    if (this.people.has(form.get('who'))) {
      const code = randomBytes(24).toString('base64url');
      this.codes.set(code, { who: form.get('who'), challenge: form.get('code_challenge'), redirect: form.get('redirect_uri') });
      back.searchParams.set('code', code);
    } else {
      back.searchParams.set('error', 'access_denied');
    }
    return response.writeHead(303, { Location: back.href }).end();
  }

  /** A code is good once, for who began, with the verifier of its challenge. */
  redeem(form) {
    const granted = this.codes.get(form.get('code'));
    this.codes.delete(form.get('code'));
    const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url');
    const right =
      granted !== undefined &&
      form.get('grant_type') === 'authorization_code' &&
      form.get('client_id') === this.clientId &&
      form.get('redirect_uri') === granted.redirect &&
      challenge === granted.challenge;
    if (!right) return null;
    const { roles, tenant } = this.people.get(granted.who);
    const now = Math.floor(Date.now() / 1_000);
    const claims = this.spoil({
      iss: this.url,
      sub: granted.who,
      aud: 'memfabric',
      iat: now,
      exp: now + 300,
      memfabric_roles: roles,
      memfabric_tenant: tenant,
    });
    return { token_type: 'Bearer', expires_in: 300, access_token: this.signed(claims), id_token: this.signed({ ...claims, aud: this.clientId }) };
  }

  /** A key that nobody published. */
  strangeKey() {
    return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  }

  signed(claims) {
    const text = `${encode({ alg: 'ES256', kid: 'one', typ: 'JWT' })}.${encode(claims)}`;
    const signature = sign('sha256', Buffer.from(text), { key: this.key.privateKey, dsaEncoding: 'ieee-p1363' });
    return `${text}.${signature.toString('base64url')}`;
  }

  async close() {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }
}

async function bodyOf(request) {
  let text = '';
  for await (const piece of request.setEncoding('utf8')) text += piece;
  return text;
}
