// Who calls: metadata and certificates, as on HTTPS; in plaintext on loopback, the administrator.
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect as connectTCP } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTLS } from 'node:tls'
import { type ChannelCredentials, Client, status as codes, credentials, Metadata, type ServiceError } from '@grpc/grpc-js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { jsonOfStruct, structOf } from '../../src/grpc/struct.js'
import { type Kubedouble, startKubedouble } from '../../src/index.js'
import { callUnary, messages, statusOfError } from './wire.js'

describe('a caller', () => {
  let scratch: string
  let plain: Kubedouble
  let secure: Kubedouble
  const clients: Client[] = []
  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'kubedouble-grpc-'))
    const tokenAuthFile = join(scratch, 'tokens')
    writeFileSync(tokenAuthFile, 'secret,jane,1,"dev,ops"\n')
    const options = { controllers: [], nodes: 0, tokenAuthFile, certDir: join(scratch, 'certificates') }
    plain = await startKubedouble(options)
    secure = await startKubedouble({ ...options, grpcTLS: true })
  })
  afterAll(async () => {
    for (const client of clients) client.close()
    await Promise.all([plain?.close(), secure?.close()])
    await rm(scratch, { recursive: true })
  })

  const request = messages.encode('kubedouble/v1.ObjectsCreateRequest', {
    group: 'authentication.k8s.io',
    version: 'v1',
    resource: 'selfsubjectreviews',
    object: structOf({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }),
  })

  async function whoAmI(server: Kubedouble, by: ChannelCredentials, headers: Record<string, string | string[]> = {}) {
    const client = new Client(server.grpc as string, by, { 'grpc.use_local_subchannel_pool': 1 })
    clients.push(client)
    const metadata = new Metadata()
    for (const [name, values] of Object.entries(headers)) for (const value of [values].flat()) metadata.add(name, value)
    const answer = await callUnary(client, '/kubedouble.v1.Objects/Create', request, metadata)
    const { userInfo } = jsonOfStruct(messages.decode('google/protobuf.Struct', answer)).status
    return { username: userInfo.username, groups: userInfo.groups }
  }
  const refusal = (call: Promise<unknown>): Promise<ServiceError> =>
    call.then(
      () => Promise.reject(new Error('there was an answer')),
      (error) => error,
    )
  const tls = (key?: Buffer, cert?: Buffer) => credentials.createSsl(Buffer.from(secure.ca), key, cert)
  const admin = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] }
  const jane = { username: 'jane', groups: ['dev', 'ops', 'system:authenticated'] }

  it('is the administrator in plaintext, or whoever the token names', async () => {
    expect(await whoAmI(plain, credentials.createInsecure())).toEqual(admin)
    expect(await whoAmI(plain, credentials.createInsecure(), { authorization: 'Bearer secret' })).toEqual(jane)
  })

  it('may act as somebody else', async () => {
    const asBob = { 'impersonate-user': 'bob', 'impersonate-group': ['a', 'b'] }
    expect(await whoAmI(plain, credentials.createInsecure(), asBob)).toEqual({ username: 'bob', groups: ['a', 'b', 'system:authenticated'] })
    expect(await refusal(whoAmI(plain, credentials.createInsecure(), { 'impersonate-group': 'a' }))).toMatchObject({
      code: codes.INVALID_ARGUMENT,
      details: expect.stringContaining('without impersonating a user'),
    })
  })

  it('is nobody over TLS without credentials, and jane with her token', async () => {
    expect(await refusal(whoAmI(secure, tls()))).toMatchObject({ code: codes.UNAUTHENTICATED })
    expect(await whoAmI(secure, tls(), { authorization: 'Bearer secret' })).toEqual(jane)
  })

  it('is the administrator by the certificate of the kubeconfig', async () => {
    const kubeconfig = readFileSync(secure.kubeconfig, 'utf8')
    const data = (name: string) => Buffer.from(new RegExp(`${name}: (\\S+)`).exec(kubeconfig)?.[1] ?? '', 'base64')
    expect(await whoAmI(secure, tls(data('client-key-data'), data('client-certificate-data')))).toEqual(admin)
  })

  it.each([
    ['in plaintext', () => whoAmI(plain, credentials.createInsecure(), { authorization: 'Bearer wrong' })],
    ['over TLS', () => whoAmI(secure, tls(), { authorization: 'Bearer wrong' })],
  ])('is refused with a wrong token %s', async (_how, call) => {
    const error = await refusal(call())
    expect(error).toMatchObject({ code: codes.UNAUTHENTICATED, details: 'Unauthorized' })
    expect(statusOfError(error)).toMatchObject({ code: 401, reason: 'Unauthorized' })
  })

  it('that speaks plaintext to TLS, or no gRPC at all, is let go and harms nobody', async () => {
    expect(await refusal(whoAmI(secure, credentials.createInsecure()))).toMatchObject({ code: codes.UNAVAILABLE })
    const [host, port] = (plain.grpc as string).split(':')
    const socket = connectTCP({ host, port: Number(port) })
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await new Promise((resolve) => socket.once('close', resolve).resume())
    expect(await whoAmI(plain, credentials.createInsecure())).toEqual(admin)
  })

  it('agrees on HTTP/2 while TLS begins', async () => {
    const [host, port] = (secure.grpc as string).split(':')
    const socket = connectTLS({ host, port: Number(port), ca: secure.ca, ALPNProtocols: ['http/1.1', 'h2'] })
    await new Promise((resolve) => socket.once('secureConnect', resolve))
    expect(socket.alpnProtocol).toBe('h2')
    socket.destroy()
  })
})
