// grpc.reflection.v1 and v1alpha, which differ in their name alone: clients without .proto files ask what is served.
import { status as codes, type ServerDuplexStream } from '@grpc/grpc-js'
import { type Plain, StatusError } from '../machinery/index.js'
import { type Descriptors, readDescriptors } from './descriptors.js'
import type { Messages } from './messages.js'

const request = 'grpc/reflection/v1.ServerReflectionRequest'
const response = 'grpc/reflection/v1.ServerReflectionResponse'

export class Reflection {
  readonly #messages: Messages
  readonly #services: readonly string[]
  #descriptors: Descriptors | undefined

  /** @param services full names of all that is served */
  constructor(messages: Messages, services: readonly string[]) {
    this.#messages = messages
    this.#services = [...services].sort()
  }

  serve(stream: ServerDuplexStream<Buffer, Buffer>): void {
    stream.on('data', (bytes: Buffer) => {
      try {
        const asked = this.#messages.decode(request, bytes)
        const written = stream.write(this.#messages.encode(response, { validHost: asked.host ?? '', originalRequest: asked, ...this.#answer(asked) }))
        if (!written) {
          stream.pause()
          stream.once('drain', () => stream.resume())
        }
      } catch (error) {
        const isTheirs = error instanceof StatusError
        stream.emit('error', { code: isTheirs ? codes.INVALID_ARGUMENT : codes.INTERNAL, details: (error as Error).message })
      }
    })
    stream.on('end', () => stream.end())
  }

  #answer(asked: Plain): Plain {
    this.#descriptors ??= readDescriptors(this.#messages)
    if (asked.listServices !== undefined) return { listServicesResponse: { service: this.#services.map((name) => ({ name })) } }
    if (asked.fileByFilename !== undefined) return filesAnswer(this.#descriptors.file(asked.fileByFilename), asked.fileByFilename)
    if (asked.fileContainingSymbol !== undefined) return filesAnswer(this.#descriptors.fileOf(asked.fileContainingSymbol), asked.fileContainingSymbol)
    if (asked.allExtensionNumbersOfType !== undefined) {
      const baseTypeName = asked.allExtensionNumbersOfType
      return this.#descriptors.isMessage(baseTypeName) ? { allExtensionNumbersResponse: { baseTypeName, extensionNumber: [] } } : notFound(baseTypeName)
    }
    // There are no extensions here.
    return asked.fileContainingExtension === undefined
      ? { errorResponse: { errorCode: codes.INVALID_ARGUMENT, errorMessage: 'the request asks nothing that is known here' } }
      : notFound(`${asked.fileContainingExtension.containingType} extension ${asked.fileContainingExtension.extensionNumber}`)
  }
}

function filesAnswer(files: Buffer[] | undefined, name: string): Plain {
  return files ? { fileDescriptorResponse: { fileDescriptorProto: files.map((file) => file.toString('base64')) } } : notFound(name)
}

const notFound = (name: string) => ({ errorResponse: { errorCode: codes.NOT_FOUND, errorMessage: `not found: ${name.slice(0, shownNameMax)}` } })
const shownNameMax = 200
