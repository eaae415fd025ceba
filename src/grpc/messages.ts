// The messages of the contract as shapes: the same tables from which the .proto files are made.
import { decodeMessage, encodeMessage, type Plain, Schema, type Shape, StatusError, status } from '../machinery/index.js'
import { contractTable } from './contract.js'

export class Messages {
  readonly #schema: Schema

  /** @param kubernetes the types of Kubernetes, which the messages contain */
  constructor(kubernetes: Schema) {
    this.#schema = new Schema(contractTable, kubernetes)
  }

  /** @param key `kubedouble/v1.PodsGetRequest`, `core/v1.Pod` */
  shape(key: string): Shape {
    return this.#schema.shape(key)
  }

  /** @param sizeHint bytes the message may have */
  encode(key: string, value: Plain, sizeHint?: number): Buffer {
    return encodeMessage(this.shape(key), value, sizeHint)
  }

  /** @throws {StatusError} 400 */
  decode(key: string, bytes: Uint8Array): Plain {
    const decoded = decodeMessage(this.shape(key), bytes)
    if ('value' in decoded) return decoded.value
    const name = key.slice(key.lastIndexOf('.') + 1)
    throw new StatusError(status.badRequest(`the message is not a ${name}: ${decoded.error}`))
  }
}
