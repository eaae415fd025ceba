// Calls of gRPC that are nearly right: messages of the contract with other contents, and bytes around them that are none.

import { contractServices } from '../../src/grpc/contract.js'
import type { MethodContract, ServiceContract } from '../../src/grpc/service-contract.js'
import { structOf } from '../../src/grpc/struct.js'
import { isObject, type Plain } from '../../src/machinery/index.js'
import { messages } from '../grpc/wire.js'
import { mutatedMessage, mutatedObject, poisoned } from './bodies.js'
import { type Chance, chanceFor, happens, oneOf } from './chance.js'
import { namespaces, type SampleSeed, samples } from './seeds.js'
import { fieldTexts, labelTexts, mark, texts, userAgents } from './values.js'

export interface GrpcCall {
  index: number
  path: string
  headers: Record<string, string>
  /** Everything that is sent after the headers. */
  bytes: Buffer
  /** Key of the answer's message, where a well-formed call has one. */
  response: string | undefined
  isStream: boolean
}

const companions: readonly { path: string; request: string; values: readonly Plain[]; isStream: boolean }[] = [
  {
    path: '/grpc.health.v1.Health/Check',
    request: 'grpc/health/v1.HealthCheckRequest',
    values: [{}, { service: 'kubedouble.v1.Pods' }, { service: '__proto__' }, { service: 'x'.repeat(5000) }],
    isStream: false,
  },
  ...['v1', 'v1alpha'].map((version) => ({
    path: `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
    request: 'grpc/reflection/v1.ServerReflectionRequest',
    values: [
      { listServices: '' },
      { fileByFilename: '../../etc/passwd' },
      { fileByFilename: '__proto__' },
      { fileContainingSymbol: 'constructor' },
      { fileContainingSymbol: 'kubedouble.v1.Pods' },
      { allExtensionNumbersOfType: '__proto__' },
      {},
    ],
    isStream: true,
  })),
]

export function grpcCallOf(seed: number, index: number): GrpcCall {
  const next = chanceFor(seed ^ 0x9e7c, index)
  const isLeft = happens(25, next)
  const changes = (percent: number) => !isLeft && happens(percent, next)
  const asked = happens(6, next) ? companionCall(next) : contractCall(changes(60), next)
  const message = changes(40) ? mutatedMessage(asked.message, next) : asked.message
  const isRight = message === asked.message
  const path = changes(4)
    ? oneOf(
        [
          '/',
          asked.path.slice(0, -1),
          `${asked.path}/`,
          asked.path.toLowerCase(),
          '/__proto__/constructor',
          '/kubedouble.v1.Pods/__proto__',
          `/${'x'.repeat(3000)}`,
          asked.path.replace('/', '//'),
          '/kubedouble.v1.Pods/',
        ],
        next,
      )
    : asked.path
  const headers: Record<string, string> = {
    'content-type': 'application/grpc',
    te: 'trailers',
    'user-agent': happens(90, next) ? 'fuzz/1.0' : oneOf(userAgents, next) || 'x',
  }
  if (changes(20)) Object.assign(headers, oneOf(oddHeaders, next))
  const bytes = changes(12) ? framed(message, next) : prefixed(message)
  return { index, path, headers, bytes, response: isRight && path === asked.path ? asked.response : undefined, isStream: asked.isStream }
}

const oddHeaders: readonly Record<string, string>[] = [
  { 'content-type': 'application/grpc+proto' },
  { 'content-type': 'application/grpc+json' },
  { 'content-type': 'application/json' },
  { 'content-type': 'application/grpc-web' },
  { 'content-type': '' },
  { te: 'gzip' },
  { 'grpc-timeout': '1n' },
  { 'grpc-timeout': '99999999H' },
  { 'grpc-timeout': '-1S' },
  { 'grpc-timeout': 'x' },
  { 'grpc-timeout': '1S' },
  { 'grpc-encoding': 'gzip' },
  { 'grpc-encoding': 'snappy' },
  { 'grpc-encoding': '__proto__' },
  { 'grpc-accept-encoding': '__proto__,gzip' },
  { 'x-bin': 'A' },
  { 'x-bin': '%%%' },
  { authorization: 'Bearer x' },
  { 'impersonate-user': 'jane', 'impersonate-extra-__proto__': 'x' },
  { 'impersonate-group': 'alone' },
  { 'impersonate-user': '__proto__', 'impersonate-group': 'a,b' },
  { __proto__: 'x' },
  { constructor: 'x', 'x-a': 'x'.repeat(6000) },
  { 'grpc-status': '0', 'grpc-message': 'x' },
]

function companionCall(next: Chance): Asked {
  const { path, request, values, isStream } = oneOf(companions, next)
  return { path, message: messages.encode(request, oneOf(values, next)), response: undefined, isStream }
}

interface Asked {
  path: string
  message: Buffer
  response: string | undefined
  isStream: boolean
}

const typed = contractServices.filter(({ resource }) => resource)
const generic = contractServices.find(({ resource }) => !resource) as ServiceContract

function contractCall(isMutated: boolean, next: Chance): Asked {
  const service = happens(30, next) ? generic : oneOf(typed, next)
  const sample = oneOf(service.resource ? samples.filter(({ definition }) => definition.key === service.resource) : samples, next) ?? oneOf(samples, next)
  const method = oneOf(service.methods, next)
  const value = requestValue(service, method, sample, isMutated, next)
  const asked = { path: `/${service.name}/${method.name}`, response: method.response, isStream: method.name === 'Watch' }
  try {
    return { ...asked, message: messages.encode(method.request, value) }
  } catch {
    // The value has no form in this message: as a client of another library would fail before it sends.
    return { ...asked, message: messages.encode(method.request, requestValue(service, method, sample, false, next)) }
  }
}

const podMakers = new Set(['deployments', 'replicasets', 'replicationcontrollers', 'statefulsets', 'daemonsets', 'jobs', 'cronjobs'])

function requestValue({ resource }: ServiceContract, { name }: MethodContract, { definition, object }: SampleSeed, isMutated: boolean, next: Chance): Plain {
  const { group, version, plural, namespaced } = definition
  const changed = isMutated ? mutatedObject(object, next) : object
  // What asks for pods is only tried: a number too many would be made.
  const isTrial = podMakers.has(plural) && isMutated
  const metadata = object.metadata as Plain
  const text = (value: unknown) => (isMutated && happens(10, next) ? oneOf(texts, next) : value)
  return {
    ...(resource ? {} : { group: text(group), version: text(version), resource: text(plural) }),
    namespace: text(namespaced ? namespaces[0] : ''),
    ...(['List', 'Watch', 'DeleteCollection', 'Create'].includes(name) ? {} : { name: text(metadata.name) }),
    ...(['Create', 'Update', 'UpdateStatus', 'Apply'].includes(name)
      ? { object: resource ? changed : structOf(isObject(changed) ? changed : {}), fieldManager: text('fuzz'), fieldValidation: next(5) }
      : {}),
    ...(name === 'Apply' ? { force: true } : {}),
    ...(name === 'Patch'
      ? {
          type: next(5),
          patch: JSON.stringify(
            isMutated ? poisoned({ metadata: { labels: { a: oneOf(texts, next) } } }, next) : [{ op: 'test', path: '/kind', value: object.kind }],
          ),
        }
      : {}),
    ...(isTrial || happens(15, next) ? { dryRun: true } : {}),
    ...(['List', 'Watch', 'DeleteCollection'].includes(name) && isMutated
      ? {
          labelSelector: oneOf(labelTexts, next),
          fieldSelector: happens(30, next) ? oneOf(fieldTexts, next) : '',
          limit: oneOf([0, 1, -1, 2 ** 40], next),
          resourceVersion: oneOf(['', '0', String(next(9000)), 'x'], next),
          continueToken: happens(10, next) ? oneOf(texts, next) : '',
        }
      : name === 'DeleteCollection'
        ? { labelSelector: 'label-1=a' }
        : {}),
    ...(name === 'Delete' || name === 'DeleteCollection'
      ? {
          gracePeriodSeconds: oneOf([0, 0, -1, 30], next),
          propagationPolicy: next(5),
          ...(isMutated && happens(20, next) ? { preconditions: { uid: mark } } : {}),
        }
      : {}),
    ...(happens(4, next) ? { subresource: oneOf(['status', 'scale', 'log', 'exec', '__proto__', 'binding', 'eviction'], next) } : {}),
  }
}

function prefixed(message: Buffer, { flag = 0, length = message.length } = {}): Buffer {
  const prefix = Buffer.alloc(5)
  prefix[0] = flag
  prefix.writeUInt32BE(length, 1)
  return Buffer.concat([prefix, message])
}

/** Frames that are none: lengths that lie, flags that nobody knows, too many messages or none. */
function framed(message: Buffer, next: Chance): Buffer {
  switch (next(8)) {
    case 0:
      return prefixed(message, { length: message.length + 1 + next(1000) })
    case 1:
      return prefixed(message, { length: next(message.length + 1) })
    case 2:
      return prefixed(message, { flag: oneOf([1, 2, 128, 255], next) })
    case 3:
      return prefixed(message, { length: 0xffffffff })
    case 4:
      return Buffer.concat([prefixed(message), prefixed(message)])
    case 5:
      return Buffer.alloc(0)
    case 6:
      return prefixed(message).subarray(0, next(5))
    default:
      return message
  }
}
