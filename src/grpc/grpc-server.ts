// The gRPC server behind the port: services of the contract, health and reflection. Loaded with the first connection.
import type { Socket } from 'node:net'
import {
  type handleBidiStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  logVerbosity,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  setLogVerbosity,
} from '@grpc/grpc-js'
import { isStatus, type Plain, type ResourceDefinition, type Schema, StatusError, type UserInfo } from '../machinery/index.js'
import type { Answer, Call, Catalogue } from '../registry/index.js'
import { callError, statusOf, trailersOf } from './call-errors.js'
import { callerOf, type Identify } from './caller.js'
import { contractServices } from './contract.js'
import { Health } from './health.js'
import { Messages } from './messages.js'
import { type Message, type MethodSurroundings, methods } from './methods.js'
import { type ObjectForm, structForm, typedForm } from './object-form.js'
import { RecentObjects } from './recent-objects.js'
import { Reflection } from './reflection.js'
import { readOptionsOf } from './request-options.js'
import type { MethodContract, ServiceContract } from './service-contract.js'
import type { Serving } from './serving.js'
import { callOf, requireDefinition, requireServed } from './target.js'
import type { WatchSender } from './watch-sender.js'
import { RecentMessages, serveWatch } from './watches.js'

export interface GrpcServerOptions extends MethodSurroundings {
  schema: Schema
  identify: Identify
  serving: Serving
  logger: { error(details: object, text: string): void }
  /** Told of every event that a watch sends. */
  onEvent?(call: Call): void
  /** The connection of a peer, as `address:port`. */
  socketOf(peer: string): Socket | undefined
}

export interface GrpcServer {
  /** Serves a connection, whatever it has sent so far. */
  connect(socket: Socket): void
  /** Ends streams with a word to their clients. */
  close(): void
}

// As the bodies of requests. Upstream: apiserver MaxRequestBodyBytes
const messageBytesMax = 3 * 1024 * 1024
// A thousand watches and what else their client does.
const streamsPerConnectionMax = 2000
// Streams whose readers are slow hold their bytes here.
const sessionMegabytesMax = 1024

// Over a mistake of a client Node stops to read, and never hears that the client is gone: who does not answer is one of these.
const askMillis = 15_000

const companions = ['grpc.health.v1.Health', 'grpc.reflection.v1.ServerReflection', 'grpc.reflection.v1alpha.ServerReflection']

export function createGrpcServer(options: GrpcServerOptions): GrpcServer {
  // The library tells the terminal what clients do wrong; they are told themselves.
  setLogVerbosity(logVerbosity.NONE)
  const server = new Server({
    'grpc.max_receive_message_length': messageBytesMax,
    // A list is as long as its objects; clients may ask for pages.
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': streamsPerConnectionMax,
    'grpc-node.max_session_memory': sessionMegabytesMax,
    'grpc.enable_channelz': 0,
    'grpc.keepalive_time_ms': askMillis,
    'grpc.keepalive_timeout_ms': askMillis,
  })
  const messages = new Messages(options.schema)
  const senders = new Set<WatchSender>()
  const context: Context = {
    ...options,
    messages,
    senders,
    recent: new RecentMessages(),
    objects: new Map([typedForm, structForm].map((form) => [form, new RecentObjects()])),
  }
  for (const service of contractServices) for (const method of service.methods) addMethod(server, context, service, method)
  const names = [...contractServices.map(({ name }) => name), ...companions]
  addCompanions(server, new Health(messages, options.serving, names), new Reflection(messages, names))
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure())
  return {
    connect: (socket) => injector.injectConnection(socket),
    close() {
      for (const sender of senders) sender.close()
      injector.destroy()
    },
  }
}

interface Context extends GrpcServerOptions {
  messages: Messages
  senders: Set<WatchSender>
  recent: RecentMessages
  objects: Map<ObjectForm, RecentObjects>
}

// Messages go in and out as bytes: their codec is ours.
const asBytes = (bytes: Buffer) => bytes

function addMethod(server: Server, context: Context, service: ServiceContract, method: MethodContract): void {
  const path = `/${service.name}/${method.name}`
  if (method.name === 'Watch') server.register(path, watchHandler(context, service, method, path), asBytes, asBytes, 'serverStream')
  else server.register(path, unaryHandler(context, service, method, path), asBytes, asBytes, 'unary')
}

function addCompanions(server: Server, health: Health, reflection: Reflection): void {
  const unary: handleUnaryCall<Buffer, Buffer> = (call, reply) => health.check(call, reply)
  const streaming: handleServerStreamingCall<Buffer, Buffer> = (call) => health.watch(call)
  server.register('/grpc.health.v1.Health/Check', unary, asBytes, asBytes, 'unary')
  server.register('/grpc.health.v1.Health/Watch', streaming, asBytes, asBytes, 'serverStream')
  const reflecting: handleBidiStreamingCall<Buffer, Buffer> = (stream) => reflection.serve(stream)
  for (const version of ['v1', 'v1alpha']) {
    server.register(`/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`, reflecting, asBytes, asBytes, 'bidi')
  }
}

/** What a call asks of whom, read alike for all methods. @throws {StatusError} */
function readCall(
  context: Context,
  service: ServiceContract,
  method: MethodContract,
  call: ServerUnaryCall<Buffer, Buffer> | ServerWritableStream<Buffer, Buffer>,
) {
  const caller = callerOf(call.metadata, () => context.socketOf(call.getPeer()))
  const user = context.identify(caller)
  if (isStatus(user)) throw new StatusError(user)
  const request = context.messages.decode(method.request, call.request)
  const { definition, form } = resourceOf(context.realm.catalogue, service, request)
  return { user: user as UserInfo, userAgent: caller.headers['user-agent'], request, definition, form }
}

function resourceOf(catalogue: Catalogue, { resource }: ServiceContract, request: Plain): { definition: ResourceDefinition; form: ObjectForm } {
  if (!resource) return { definition: requireDefinition(catalogue, request), form: structForm }
  const at = resource.lastIndexOf('/')
  return { definition: catalogue.find(resource.slice(0, at), resource.slice(at + 1)) as ResourceDefinition, form: typedForm }
}

function unaryHandler(context: Context, service: ServiceContract, method: MethodContract, path: string): handleUnaryCall<Buffer, Buffer> {
  const serve = methods[method.name as keyof typeof methods]
  const { messages, logger } = context
  return (call, reply) => {
    const warnings: string[] = []
    const answer = (message: Message) => {
      const bytes = Buffer.isBuffer(message) ? message : messages.encode(method.response, message)
      reply(null, bytes, warnings.length ? trailersOf(warnings) : undefined)
    }
    const fail = (error: unknown) => reply(callError(messages, statusOf(error, logger, path), warnings))
    try {
      const asked = readCall(context, service, method, call)
      const encodeStored = (stored: Stored) => encodeObject(context, asked.form, method.response, stored)
      const message = serve({ ...context, ...asked, warnings, encodeStored })
      // Most verbs do not wait: neither does their answer.
      if (message instanceof Promise) message.then(answer).catch(fail)
      else answer(message)
    } catch (error) {
      fail(error)
    }
  }
}

type Stored = NonNullable<Answer['stored']>

function encodeObject({ objects, messages }: Context, form: ObjectForm, response: string, stored: Stored): Buffer {
  const encode = () => messages.encode(response, form.show(stored.object), stored.size)
  return objects.get(form)?.bytes(stored, encode) ?? encode()
}

function watchHandler(context: Context, service: ServiceContract, method: MethodContract, path: string): handleServerStreamingCall<Buffer, Buffer> {
  return (stream) => {
    const warnings: string[] = []
    try {
      const { request, definition, form, user } = readCall(context, service, method, stream)
      const asked = { definition, verb: 'watch', namespace: request.namespace ?? '', name: '', subresource: '' } as const
      requireServed(asked)
      const call = callOf(asked, user, warnings)
      const { realm, messages, recent, onEvent } = context
      const sender = serveWatch(stream, {
        realm,
        messages,
        recent,
        onEvent,
        form,
        call,
        warnings,
        response: method.response,
        options: readOptionsOf(request, true),
      })
      context.senders.add(sender)
      sender.onClose(() => context.senders.delete(sender))
    } catch (error) {
      stream.emit('error', callError(context.messages, statusOf(error, context.logger, path), warnings))
    }
  }
}
