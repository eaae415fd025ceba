// Reflection and health: what clients without .proto files find, and how they know whether to call.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '@grpc/grpc-js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contractServices } from '../../src/grpc/contract.js'
import { type Kubedouble, startKubedouble } from '../../src/index.js'
import type { Plain } from '../../src/machinery/index.js'
import { callUnary, grpcClient, messages } from './wire.js'

const asBytes = (bytes: Buffer) => bytes
const folder = join(import.meta.dirname, '..', '..', 'proto')
const companions = ['grpc.health.v1.Health', 'grpc.reflection.v1.ServerReflection', 'grpc.reflection.v1alpha.ServerReflection']

describe('the server', () => {
  let server: Kubedouble
  let client: Client
  beforeAll(async () => {
    server = await startKubedouble({ controllers: [], nodes: 0 })
    client = grpcClient(server.grpc as string)
  })
  afterAll(async () => {
    client?.close()
    await server?.close()
  })

  /** Asks one question after the other on one stream. */
  function reflect(version: string, questions: Plain[]): Promise<Plain[]> {
    const stream = client.makeBidiStreamRequest(`/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`, asBytes, asBytes)
    const answers: Plain[] = []
    return new Promise((resolve, reject) => {
      stream.on('data', (bytes: Buffer) => answers.push(messages.decode(`grpc/reflection/${version}.ServerReflectionResponse`, bytes)))
      stream.on('end', () => resolve(answers))
      stream.on('error', reject)
      for (const question of questions) stream.write(messages.encode(`grpc/reflection/${version}.ServerReflectionRequest`, question))
      stream.end()
    })
  }

  const filesOf = ({ fileDescriptorResponse }: Plain): Plain[] =>
    fileDescriptorResponse.fileDescriptorProto.map((bytes: string) => messages.decode('google/protobuf.FileDescriptorProto', Buffer.from(bytes, 'base64')))

  it.each(['v1', 'v1alpha'])('lists all its services by reflection %s', async (version) => {
    const [{ listServicesResponse }] = await reflect(version, [{ listServices: '*' }])
    const names = listServicesResponse.service.map(({ name }: Plain) => name)
    expect(names).toEqual([...contractServices.map(({ name }) => name), ...companions].sort())
  })

  it('describes every service, with all that its messages need', async () => {
    for (const { name, methods } of contractServices) {
      const [answer] = await reflect('v1', [{ fileContainingSymbol: name }])
      const files = filesOf(answer)
      const service = files[0].service.find((each: Plain) => `${files[0].package}.${each.name}` === name)
      expect(service.method.map((each: Plain) => each.name)).toEqual(methods.map((each) => each.name))
      const given = new Set(files.map((file) => file.name))
      expect(files.flatMap((file) => file.dependency ?? []).filter((each) => !given.has(each))).toEqual([])
    }
  })

  it.each([
    ['a message', { fileContainingSymbol: 'k8s.io.api.core.v1.PodSpec' }, 'k8s/io/api/core/v1/generated.proto'],
    ['a field', { fileContainingSymbol: 'k8s.io.api.core.v1.Pod.spec' }, 'k8s/io/api/core/v1/generated.proto'],
    ['a method', { fileContainingSymbol: 'kubedouble.v1.Pods.Watch' }, 'kubedouble/v1/pods.proto'],
    ['an enum', { fileContainingSymbol: 'kubedouble.v1.EventType' }, 'kubedouble/v1/options.proto'],
    ['a file', { fileByFilename: 'google/protobuf/struct.proto' }, 'google/protobuf/struct.proto'],
  ])('finds the file of %s', async (_what, question, file) => {
    const [answer] = await reflect('v1', [question])
    expect(filesOf(answer)[0].name).toBe(file)
  })

  it('says what it does not find, and goes on', async () => {
    const answers = await reflect('v1', [
      { fileContainingSymbol: 'no.such.Thing' },
      { fileByFilename: 'no/such.proto' },
      { allExtensionNumbersOfType: 'k8s.io.api.core.v1.Pod' },
      { fileContainingExtension: { containingType: 'a.B', extensionNumber: 7 } },
      { listServices: '' },
    ])
    expect(answers[0]).toMatchObject({ errorResponse: { errorCode: 5 }, originalRequest: { fileContainingSymbol: 'no.such.Thing' } })
    expect(answers[1]).toMatchObject({ errorResponse: { errorCode: 5 } })
    expect(answers[2]).toMatchObject({ allExtensionNumbersResponse: { baseTypeName: 'k8s.io.api.core.v1.Pod' } })
    expect(answers[3]).toMatchObject({ errorResponse: { errorCode: 5 } })
    expect(answers[4].listServicesResponse.service.length).toBeGreaterThan(10)
  })

  it('has a descriptor of every .proto file', () => {
    const files = (readdirSync(folder, { recursive: true }) as string[]).filter((file) => file.endsWith('.proto')).map((file) => file.replaceAll('\\', '/'))
    const described = JSON.parse(readFileSync(join(folder, 'descriptors.json'), 'utf8')).map(({ name }: Plain) => name)
    expect(described.filter((name: string) => !name.startsWith('google/')).sort()).toEqual(files.sort())
  })

  const check = (service: string) => callUnary(client, '/grpc.health.v1.Health/Check', messages.encode('grpc/health/v1.HealthCheckRequest', { service }))
  const statusIn = (bytes: Buffer) => messages.decode('grpc/health/v1.HealthCheckResponse', bytes).status

  it('is serving as a whole and in each service', async () => {
    for (const service of ['', 'kubedouble.v1.Pods', 'kubedouble.v1.Objects', ...companions]) expect(statusIn(await check(service))).toBe(1)
    await expect(check('kubedouble.v1.Wheels')).rejects.toMatchObject({ code: 5 })
  })

  it('says of a question about its health that is none that it is none', async () => {
    const refusal = { code: 3, details: expect.stringContaining('the message is not a HealthCheckRequest') }
    const bytes = Buffer.from([0x0a, 0xff])
    await expect(callUnary(client, '/grpc.health.v1.Health/Check', bytes)).rejects.toMatchObject(refusal)
    const stream = client.makeServerStreamRequest('/grpc.health.v1.Health/Watch', asBytes, asBytes, bytes)
    stream.resume()
    await expect(new Promise((resolve) => stream.on('error', resolve))).resolves.toMatchObject(refusal)
  })
})

it('a server that ends tells those who watch its health, and ends every stream', async () => {
  const server = await startKubedouble({ controllers: [], nodes: 0 })
  const client = grpcClient(server.grpc as string)
  const open = (path: string, request: Buffer) => client.makeServerStreamRequest(path, asBytes, asBytes, request)
  const health = open('/grpc.health.v1.Health/Watch', Buffer.alloc(0))
  const unknown = open('/grpc.health.v1.Health/Watch', messages.encode('grpc/health/v1.HealthCheckRequest', { service: 'no.Such' }))
  const watch = open('/kubedouble.v1.Namespaces/Watch', messages.encode('kubedouble/v1.NamespacesWatchRequest', {}))
  const seen: number[] = []
  const told = new Promise<void>((resolve) =>
    health.on('data', (bytes: Buffer) => {
      seen.push(messages.decode('grpc/health/v1.HealthCheckResponse', bytes).status)
      resolve()
    }),
  )
  const unknownStatus = new Promise((resolve) =>
    unknown.once('data', (bytes: Buffer) => resolve(messages.decode('grpc/health/v1.HealthCheckResponse', bytes).status)),
  )
  const ended = [health, watch].map((stream) => new Promise((resolve) => stream.once('status', resolve).on('error', () => {})))
  unknown.on('error', () => {})
  watch.resume()
  await told
  expect(await unknownStatus).toBe(3)
  const began = performance.now()
  await server.close()
  await Promise.all(ended)
  expect(performance.now() - began).toBeLessThan(2000)
  expect(seen).toEqual([1, 2])
  client.close()
})
