// The descriptors of the .proto files, by file and by symbol: made beside them, read when somebody asks.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import type { Plain } from '../machinery/index.js'
import type { Messages } from './messages.js'

export class Descriptors {
  readonly #messages: Messages
  readonly #files = new Map<string, Plain>()
  readonly #fileOfSymbol = new Map<string, string>()
  readonly #encoded = new Map<string, Buffer>()

  constructor(messages: Messages, files: readonly Plain[]) {
    this.#messages = messages
    for (const file of files) {
      this.#files.set(file.name, file)
      const add = (symbol: string) => this.#fileOfSymbol.set(symbol, file.name)
      for (const type of file.messageType ?? []) this.#addMessage(`${file.package}.${type.name}`, type, add)
      for (const { name } of file.enumType ?? []) add(`${file.package}.${name}`)
      for (const { name, method } of file.service ?? []) {
        add(`${file.package}.${name}`)
        for (const each of method) add(`${file.package}.${name}.${each.name}`)
      }
    }
  }

  /** @returns the encoded descriptor of the file and of all that it imports, the file first; nothing when there is no such file */
  file(name: string): Buffer[] | undefined {
    if (!this.#files.has(name)) return undefined
    const wanted = new Set([name])
    for (const each of wanted) for (const needed of this.#files.get(each)?.dependency ?? []) wanted.add(needed)
    return [...wanted].map((each) => this.#encode(each))
  }

  /** @param symbol a message, a field, an enum, a service or a method by its full name */
  fileOf(symbol: string): Buffer[] | undefined {
    const name = this.#fileOfSymbol.get(symbol)
    return name === undefined ? undefined : this.file(name)
  }

  isMessage(symbol: string): boolean {
    return this.#fileOfSymbol.has(symbol)
  }

  #addMessage(fullName: string, type: Plain, add: (symbol: string) => void): void {
    add(fullName)
    for (const { name } of type.field ?? []) add(`${fullName}.${name}`)
    for (const { name } of type.enumType ?? []) add(`${fullName}.${name}`)
    for (const nested of type.nestedType ?? []) this.#addMessage(`${fullName}.${nested.name}`, nested, add)
  }

  #encode(name: string): Buffer {
    let bytes = this.#encoded.get(name)
    if (!bytes) {
      bytes = this.#messages.encode('google/protobuf.FileDescriptorProto', this.#files.get(name) as Plain)
      this.#encoded.set(name, bytes)
    }
    return bytes
  }
}

export function readDescriptors(messages: Messages): Descriptors {
  return new Descriptors(messages, JSON.parse(descriptorsText()))
}

/** Compressed beside the bundle, or beside the sources as it is made. */
function descriptorsText(): string {
  const folder = dirname(fileURLToPath(import.meta.url))
  const compressed = join(folder, 'descriptors.json.gz')
  if (existsSync(compressed)) return gunzipSync(readFileSync(compressed)).toString()
  return readFileSync(join(folder, '..', '..', 'proto', 'descriptors.json'), 'utf8')
}
