import { createPrivateKey, X509Certificate } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { afterAll, describe, expect, it } from 'vitest'
import { type Certificates, defaultFolder, openCertificates, ServiceAccountTokens, serverNames } from '../../src/certificates/index.js'

const scratch = mkdtempSync(join(tmpdir(), 'kubedouble-certificates-'))
afterAll(() => rmSync(scratch, { recursive: true }))
const names = ['localhost', '127.0.0.1', '::1', 'kubernetes.default.svc', '10.96.0.1']
const open = (folder: string, serverNames = names) => openCertificates({ folder: join(scratch, folder), serverNames })

describe('certificates', () => {
  it('are the same at the next start, and nobody else may read their keys', async () => {
    const first = await open('kept')
    expect(await open('kept')).toEqual(first)
    const files = readdirSync(join(scratch, 'kept'))
    expect(files.filter((file) => /pem$/.test(file)).map((file) => statSync(join(scratch, 'kept', file)).mode & 0o777)).toEqual([0o600, 0o600, 0o600, 0o600])
    expect(statSync(join(scratch, 'kept')).mode & 0o777).toBe(0o700)
    expect(files.filter((file) => !/^(?:ca|admin|service-account|server-[0-9a-f]{12})\.(?:pem|crt)$/.test(file))).toEqual([])
  })

  it('are good for every name, and sign in as the administrator', async () => {
    const { server, admin, ca } = await open('kept')
    const certificate = new X509Certificate(server.cert)
    expect(names.every((name) => (/^[\d.:]+$/.test(name) ? certificate.checkIP(name) : certificate.checkHost(name)))).toBe(true)
    expect(certificate.checkIssued(new X509Certificate(ca))).toBe(true)
    expect(new X509Certificate(admin.cert).subject).toBe('O=system:masters\nCN=kubernetes-admin')
  })

  it('name the algorithm of the key that goes to clients', async () => {
    const { admin } = await open('kept')
    expect(admin.key).toMatch(/^-----BEGIN EC PRIVATE KEY-----\n/)
    expect(new X509Certificate(admin.cert).checkPrivateKey(createPrivateKey(admin.key))).toBe(true)
  })

  it('are made anew for other names, under the same authority', async () => {
    const [first, other] = [await open('kept'), await open('kept', ['elsewhere'])]
    expect(other.ca).toBe(first.ca)
    expect(new X509Certificate(other.server.cert).checkHost('elsewhere')).toBe('elsewhere')
    expect(await open('kept')).toEqual(first)
  })

  it('share one authority when two processes start at once', async () => {
    const all = await Promise.all([1, 2, 3, 4].map(() => open('raced')))
    expect(new Set(all.map(({ ca }) => ca)).size).toBe(1)
    expect(new Set(all.map(({ serviceAccountKey }) => serviceAccountKey)).size).toBe(1)
    for (const { server, ca } of all) expect(new X509Certificate(server.cert).verify(new X509Certificate(ca).publicKey)).toBe(true)
  })

  it.each(['ca.pem', 'admin.pem', 'service-account.pem'])('are mended when %s is damaged', async (file) => {
    await open('damaged')
    writeFileSync(join(scratch, 'damaged', file), '-----BEGIN PRIVATE KEY-----\nAAAA\n')
    const { admin, server, ca } = await open('damaged')
    for (const { cert } of [admin, server]) expect(new X509Certificate(cert).verify(new X509Certificate(ca).publicKey)).toBe(true)
  })

  it('make a TLS connection that proves both ends', async () => {
    expect(await shakeHands(await open('kept'))).toEqual({ authorized: true, subject: { O: 'system:masters', CN: 'kubernetes-admin' } })
  })

  it.skipIf(process.getuid?.() === 0)('cannot be kept in a folder that may not be written', async () => {
    mkdirSync(join(scratch, 'locked'))
    chmodSync(join(scratch, 'locked'), 0o500)
    await expect(open('locked')).rejects.toThrow(/--cert-dir/)
  })

  it('cannot be kept in a file', async () => {
    writeFileSync(join(scratch, 'file'), '')
    await expect(open('file')).rejects.toThrow(/name a folder you may write with --cert-dir/)
  })

  it('are kept in the cache of the user', () => {
    expect(defaultFolder({ XDG_CACHE_HOME: join(scratch, 'cache'), HOME: '/nowhere' })).toBe(join(scratch, 'cache', 'kubedouble'))
    expect(defaultFolder({ HOME: join(scratch, 'home') })).toBe(join(scratch, 'home', '.cache', 'kubedouble'))
  })

  it('are kept among temporary files when the cache cannot be written', () => {
    expect(defaultFolder({ XDG_CACHE_HOME: join(scratch, 'file') })).toMatch(/\/kubedouble-\d+$/)
  })
})

it('a server knows its names', () => {
  const found = serverNames({ bindAddress: '127.0.0.2', serviceAddresses: ['10.96.0.1', 'fd00::1'] })
  expect(found).toEqual(expect.arrayContaining(['localhost', '127.0.0.1', '::1', '127.0.0.2', '10.96.0.1', 'fd00::1', 'kubernetes.default.svc.cluster.local']))
})

describe('tokens', async () => {
  const { serviceAccountKey } = await open('tokens')
  const tokens = new ServiceAccountTokens(serviceAccountKey, 'https://issuer')
  const claims = { aud: ['api'], sub: 'system:serviceaccount:a:b', iat: 1, 'kubernetes.io': { namespace: 'a' } }

  it('carry what was claimed', () => {
    const token = tokens.issue(claims)
    expect(tokens.verify(token)).toEqual({ claims: { iss: 'https://issuer', ...claims } })
    expect(tokens.verify(token)).toBe(tokens.verify(token))
    expect(Object.keys(JSON.parse(Buffer.from(token.split('.')[0], 'base64url').toString()))).toEqual(['alg', 'kid'])
  })

  it('may last for ever', () => {
    const held = { iss: 'kubernetes/serviceaccount', sub: 'system:serviceaccount:a:b' }
    expect(tokens.verify(tokens.issue(held))).toEqual({ claims: held })
  })

  it('are refused when somebody else signed them', () => {
    const [head, body, signature] = tokens.issue(claims).split('.')
    const forged = Buffer.from(JSON.stringify({ ...claims, iss: 'https://issuer', sub: 'root' })).toString('base64url')
    const unsigned = Buffer.from('{"alg":"none"}').toString('base64url')
    expect(tokens.verify(`${head}.${forged}.${signature}`)).toHaveProperty('error')
    expect(tokens.verify(`${unsigned}.${body}.`)).toHaveProperty('error')
  })

  it('of others are not ours', () => {
    expect(tokens.verify('nonsense')).toBeUndefined()
    expect(tokens.verify(new ServiceAccountTokens(serviceAccountKey, 'https://other').issue(claims))).toBeUndefined()
    expect(tokens.verify('a.'.repeat(100_000))).toBeUndefined()
  })

  it('can be checked with the published key', () => {
    expect(tokens.keySet()).toEqual({ keys: [expect.objectContaining({ use: 'sig', kty: 'EC', crv: 'P-256', alg: 'ES256' })] })
    expect(tokens.configuration('https://127.0.0.1:6443')).toMatchObject({ issuer: 'https://issuer', jwks_uri: 'https://127.0.0.1:6443/openid/v1/jwks' })
  })
})

/** @returns what the server learned of the client */
function shakeHands({ ca, server, admin }: Certificates): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const listener = createServer({ ...server, ca, requestCert: true, rejectUnauthorized: false }, (socket: TLSSocket) => {
      resolve({ authorized: socket.authorized, subject: { ...socket.getPeerCertificate().subject } })
      socket.end()
      listener.close()
    })
    listener.listen(0, '127.0.0.1', () => {
      const { port } = listener.address() as { port: number }
      connect({ port, host: '127.0.0.1', ca, ...admin }).once('error', reject)
    })
  })
}
