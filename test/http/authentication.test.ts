import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { type AuthenticateToken, authenticate, authenticateTokenWith, bearerToken, type PeerSocket, trustedUser } from '../../src/http/authentication.js'
import { identification } from '../../src/http/identification.js'
import { impersonate } from '../../src/http/impersonation.js'
import { originCheck } from '../../src/http/origin-check.js'
import { authenticateServiceAccounts } from '../../src/http/service-account-authentication.js'
import { parseTokenFile } from '../../src/http/token-file.js'
import type { KubeObject, Plain } from '../../src/machinery/index.js'

const known = { username: 'jane', groups: ['system:authenticated'] }
const tokens: AuthenticateToken = (token) => (token === 'good' ? { user: known } : {})
const none = { authorized: false, getPeerCertificate: () => ({}) }
const peer = (subject: object, authorized = true): PeerSocket => ({ authorized, getPeerCertificate: () => ({ subject, raw: Buffer.from('der') }) as never })

describe('who asks', () => {
  it.each([
    ['nobody over TLS is refused', { headers: {}, socket: none, isTrusted: false }, 'unauthorized'],
    ['nobody over plain HTTP is the administrator', { headers: {}, isTrusted: true }, trustedUser],
    ['a good token is its user', { headers: { authorization: 'Bearer good' }, socket: none, isTrusted: false }, known],
    ['the scheme is read in any case', { headers: { authorization: 'bearer good' }, isTrusted: true }, known],
    ['a bad token is unauthorized', { headers: { authorization: 'Bearer bad' }, socket: none, isTrusted: false }, 'unauthorized'],
    ['a bad token is unauthorized over plain HTTP too', { headers: { authorization: 'Bearer bad' }, isTrusted: true }, 'unauthorized'],
    ['other schemes are passed over', { headers: { authorization: 'Basic Zm9vOmJhcg==' }, isTrusted: true }, trustedUser],
    ['a certificate of a stranger is unauthorized', { headers: {}, socket: peer({ CN: 'eve' }, false), isTrusted: false }, 'unauthorized'],
  ])('%s', (_name, credentials, expected) => {
    expect(authenticate(credentials, tokens)).toEqual(expected)
  })

  it('a certificate names the user and the groups', () => {
    const user = authenticate({ headers: { authorization: 'Bearer bad' }, socket: peer({ CN: 'bob', O: ['a', 'b'] }), isTrusted: false }, tokens)
    expect(user).toMatchObject({ username: 'bob', groups: ['a', 'b', 'system:authenticated'] })
    expect(user).toHaveProperty(['extra', 'authentication.kubernetes.io/credential-id', 0], expect.stringMatching(/^X509SHA256=[0-9a-f]{64}$/))
  })

  it('a WebSocket may bring its token as a protocol', () => {
    const protocol = `base64url.bearer.authorization.k8s.io.${Buffer.from('good').toString('base64url')}`
    expect(bearerToken({ upgrade: 'websocket', 'sec-websocket-protocol': `v4.channel.k8s.io, ${protocol}` })).toBe('good')
  })
})

describe('the door', () => {
  const identify = identification({ checkOrigin: originCheck({ isLoopback: true, hostNames: [] }), authenticateToken: tokens })
  const request = (headers: Record<string, string>) => ({ headers, rawHeaders: Object.entries(headers).flat(), socket: {} }) as unknown as IncomingMessage

  it('refuses a page before it asks who it is', () => {
    expect(identify(request({ host: 'localhost', origin: 'https://evil.example', authorization: 'Bearer good' }))).toMatchObject({ code: 403 })
  })

  it('answers wrong credentials in the words of the API', () => {
    expect(identify(request({ host: 'localhost', authorization: 'Bearer bad' }))).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'Unauthorized',
      reason: 'Unauthorized',
      code: 401,
    })
  })

  it('lets act as somebody else', () => {
    expect(identify(request({ host: 'localhost', 'Impersonate-User': 'eve' }))).toEqual({ username: 'eve', groups: ['system:authenticated'] })
  })
})

describe('impersonation', () => {
  it.each<[string, string[], object]>([
    ['nothing asked', ['Accept', '*/*'], known],
    ['a user', ['Impersonate-User', 'eve'], { username: 'eve', groups: ['system:authenticated'] }],
    [
      'groups',
      ['Impersonate-User', 'eve', 'Impersonate-Group', 'a, b', 'Impersonate-Group', 'c'],
      { username: 'eve', groups: ['a, b', 'c', 'system:authenticated'] },
    ],
    [
      'a service account',
      ['Impersonate-User', 'system:serviceaccount:shop:till'],
      { username: 'system:serviceaccount:shop:till', groups: ['system:serviceaccounts', 'system:serviceaccounts:shop', 'system:authenticated'] },
    ],
    ['anonymous', ['Impersonate-User', 'system:anonymous'], { username: 'system:anonymous', groups: ['system:unauthenticated'] }],
    [
      'uid and extra',
      ['impersonate-user', 'eve', 'impersonate-uid', '7', 'Impersonate-Extra-Acme.com%2FTeam', 'x', 'Impersonate-Extra-acme.com%2fteam', 'y'],
      { username: 'eve', uid: '7', groups: ['system:authenticated'], extra: { 'acme.com/team': ['x', 'y'] } },
    ],
    [
      'a key that cannot be decoded',
      ['Impersonate-User', 'eve', 'Impersonate-Extra-%zz', 'x'],
      { username: 'eve', groups: ['system:authenticated'], extra: { '%zz': ['x'] } },
    ],
    ['a hostile key', ['Impersonate-User', 'eve', 'Impersonate-Extra-__proto__', 'x'], { username: 'eve', groups: ['system:authenticated'] }],
  ])('%s', (_name, headers, expected) => {
    expect(impersonate(known, headers)).toMatchObject(expected)
  })

  it('needs a user', () => {
    expect(impersonate(known, ['Impersonate-Group', 'a'])).toMatchObject({ code: 400, message: 'requested [{Group  a    }] without impersonating a user' })
  })
})

describe('the token file', () => {
  it.each([
    ['t1,jane,u1', [['t1', { username: 'jane', uid: 'u1', groups: ['system:authenticated'] }]]],
    [
      't1,jane,u1,"a,b"\r\n\r\nt2,joe,',
      [
        ['t1', { username: 'jane', uid: 'u1', groups: ['a', 'b', 'system:authenticated'] }],
        ['t2', { username: 'joe', groups: ['system:authenticated'] }],
      ],
    ],
    ['t1,"say ""hi""",u1,a', [['t1', { username: 'say "hi"', uid: 'u1', groups: ['a', 'system:authenticated'] }]]],
    [',jane,u1', []],
  ])('%j is read', (text, users) => {
    expect(parseTokenFile(text)).toEqual({ users: new Map(users as never) })
  })

  it.each(['t1,jane', 't1,jane,u1\nt2,"joe,u2', 't1,"ja"ne,u1'])('%j is refused', (text) => {
    expect(parseTokenFile(text)).toHaveProperty('problem', expect.stringMatching(/^line \d/))
  })
})

describe('a service account token', () => {
  const now = 1_700_000_000_000
  const claims = (more = {}) => ({
    aud: ['api', 'vault'],
    exp: now / 1000 + 60,
    nbf: now / 1000,
    jti: 'j',
    'kubernetes.io': { namespace: 'shop', serviceaccount: { name: 'till', uid: 'u1' }, ...more },
  })
  const token = Buffer.from('token').toString('base64')
  const objects: Record<string, Plain> = {
    'serviceaccounts/shop/till': { metadata: { uid: 'u1' } },
    'pods/shop/web': { metadata: { uid: 'u2' } },
    'secrets/shop/kept': { metadata: {}, data: { token } },
    'secrets/shop/going': { metadata: { deletionTimestamp: 'now' }, data: { token } },
    'secrets/shop/other': { metadata: {}, data: { token: 'b3RoZXI=' } },
    'secrets/shop/bad': { metadata: { labels: { 'kubernetes.io/legacy-token-invalid-since': '2026-01-01' } }, data: { token } },
  }
  const answer = (given: object | undefined, { at = now, audiences = ['api'] } = {}) =>
    authenticateServiceAccounts({
      verifyToken: () => given && { claims: given },
      find: (resource, { namespace, name }) => objects[`${resource}/${namespace}/${name}`] as KubeObject | undefined,
      issuer: 'api',
      now: () => at,
    })('token', audiences)

  it('is its account and tells its pod and node', () => {
    expect(answer(claims({ pod: { name: 'web', uid: 'u2' }, node: { name: 'node-0', uid: 'u3' } }))).toEqual({
      audiences: ['api'],
      user: {
        username: 'system:serviceaccount:shop:till',
        uid: 'u1',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:shop', 'system:authenticated'],
        extra: {
          'authentication.kubernetes.io/credential-id': ['JTI=j'],
          'authentication.kubernetes.io/node-name': ['node-0'],
          'authentication.kubernetes.io/node-uid': ['u3'],
          'authentication.kubernetes.io/pod-name': ['web'],
          'authentication.kubernetes.io/pod-uid': ['u2'],
        },
      },
    })
  })

  it.each([
    ['has expired', claims(), { at: now + 61_000 }, 'service account token has expired'],
    ['is of another account of that name', claims({ serviceaccount: { name: 'till', uid: 'old' } }), {}, 'service account UID (u1) does not match claim (old)'],
    ['is of an account that is gone', claims({ serviceaccount: { name: 'gone', uid: 'u1' } }), {}, 'serviceaccounts "gone" not found'],
    ['is bound to a pod that is gone', claims({ pod: { name: 'gone', uid: 'u2' } }), {}, 'service account token has been invalidated'],
    ['is bound to another pod of that name', claims({ pod: { name: 'web', uid: 'u9' } }), {}, 'pod UID (u2) does not match service account pod ref claim (u9)'],
    ['is meant for others', claims(), { audiences: ['else'] }, 'token audiences ["api" "vault"] is invalid for the target audiences ["else"]'],
  ])('is refused when it %s', (_name, given, options, error) => {
    expect(answer(given, options)).toEqual({ error })
  })

  const held = (secret: string, { name = 'till', uid = 'u1', sub = 'till' } = {}) => ({
    iss: 'kubernetes/serviceaccount',
    sub: `system:serviceaccount:shop:${sub}`,
    'kubernetes.io/serviceaccount/namespace': 'shop',
    'kubernetes.io/serviceaccount/secret.name': secret,
    'kubernetes.io/serviceaccount/service-account.name': name,
    'kubernetes.io/serviceaccount/service-account.uid': uid,
  })

  it('is good for the API while a Secret holds it', () => {
    const user = {
      username: 'system:serviceaccount:shop:till',
      uid: 'u1',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:shop', 'system:authenticated'],
    }
    expect(answer(held('kept'), { at: now + 1e12 })).toEqual({ user, audiences: ['api'] })
  })

  it.each([
    ['names another account than its subject', held('kept', { sub: 'eve' }), 'sub claim is invalid'],
    ['has lost its Secret', held('gone'), 'Token has been invalidated'],
    ['is losing its Secret', held('going'), 'Token has been invalidated'],
    ['is no longer in its Secret', held('other'), "Token does not match server's copy"],
    ['has lost its account', held('kept', { name: 'gone', sub: 'gone' }), 'serviceaccounts "gone" not found'],
    ['is of an account that was made anew', held('kept', { uid: 'old' }), 'ServiceAccount UID (u1) does not match claim (old)'],
    [
      'is marked as invalid',
      held('bad'),
      "the token in secret shop/bad for service account shop/till has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the 'kubernetes.io/legacy-token-invalid-since' label from the secret to temporarily allow use of this token",
    ],
  ])('that a Secret holds is refused when it %s', (_name, given, error) => {
    expect(answer(given)).toEqual({ error })
  })

  it('that a Secret holds is not meant for others', () => {
    expect(answer(held('kept'), { audiences: ['vault'] })).toHaveProperty('error')
  })

  it('is told from a token of nobody', () => {
    expect(authenticateTokenWith(new Map(), () => ({}), 'api')('x', [])).toEqual({ error: 'invalid bearer token' })
    expect(authenticateTokenWith(new Map(), () => ({ error: 'why' }), 'api')('x', [])).toEqual({ error: '[invalid bearer token, why]' })
  })
})
