// EventStream: a watch as it comes in, over REST or gRPC, for as long as it lasts.
import http from 'node:http'
import type { Client, ServiceError } from '@grpc/grpc-js'
import { type Plain, type ResourceDefinition, recanonicalize } from '../../src/machinery/index.js'
import { messages, serviceOf, statusOfError } from '../grpc/wire.js'

export interface StreamEvent {
  type: string
  object: Plain
}

export interface EventStream {
  /** `expired`: the revision is no longer retained; `ended`: for whatever other reason. */
  readonly ended: Promise<'expired' | 'ended'>
  close(): void
}

export type OpenStream = (definition: ResourceDefinition, revision: number, onEvent: (event: StreamEvent) => void) => EventStream

const isExpired = ({ code, reason }: Plain) => code === 410 && reason === 'Expired'

export function restStreams(server: string): OpenStream {
  return ({ group, version, plural }, revision, onEvent) => {
    const path = `${group ? `/apis/${group}` : '/api'}/${version}/${plural}?watch=1&resourceVersion=${revision}`
    const request = http.get(`${server}${path}`, { agent: false })
    const ended = new Promise<'expired' | 'ended'>((resolve) => {
      request.on('error', () => resolve('ended'))
      request.on('response', (response) => {
        let rest = ''
        let outcome: 'expired' | 'ended' = 'ended'
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          const lines = (rest + chunk).split('\n')
          // The last line may have been cut off by the end of the server.
          rest = lines.pop() as string
          for (const event of lines.map((line) => JSON.parse(line) as StreamEvent)) {
            if (event.type !== 'ERROR') onEvent(event)
            else if (isExpired(event.object)) outcome = 'expired'
            else throw new Error(`a watch ended with ${JSON.stringify(event.object)}`)
          }
        })
        response.on('error', () => {})
        response.on('close', () => resolve(outcome))
      })
    })
    return { ended, close: () => void request.destroy() }
  }
}

const eventTypes = ['', 'ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']
const asBytes = (bytes: Buffer) => bytes

/** The typed services. */
export function grpcStreams(client: Client): OpenStream {
  return (definition, revision, onEvent) => {
    const service = serviceOf(definition)
    const method = service?.methods.find(({ name }) => name === 'Watch')
    if (!service || !method) throw new Error(`no watch of ${definition.key} over gRPC`)
    const { apiVersion, kind, shape } = definition
    const request = messages.encode(method.request, { resourceVersion: String(revision) })
    const stream = client.makeServerStreamRequest(`/${service.name}/Watch`, asBytes, asBytes, request)
    stream.on('data', (message: Buffer) => {
      const { type, object, status } = messages.decode(method.response, message)
      // The same Status ends the call.
      if (!status) onEvent({ type: eventTypes[type], object: recanonicalize(messages.shape(shape.key), { kind, apiVersion, ...object }) as Plain })
    })
    const ended = new Promise<'expired' | 'ended'>((resolve) => {
      stream.on('error', (error: ServiceError) =>
        resolve(error.metadata?.get('grpc-status-details-bin').length && isExpired(statusOfError(error)) ? 'expired' : 'ended'),
      )
      stream.on('end', () => resolve('ended'))
    })
    return { ended, close: () => stream.cancel() }
  }
}
