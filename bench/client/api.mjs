// A client of the API for what is done once: objects in, objects out.
import { Connection, requestBytes } from './connection.mjs'

const inFlightMax = 32

export class Api {
  #server
  #idle = []
  #open = new Set()

  constructor(server) {
    this.#server = server
  }

  /** @returns the object, or text where the answer is none */
  async send(method, path, object, contentType) {
    const { body } = await this.ask(method, path, object, contentType)
    return JSON.parse(body.toString())
  }

  get = (path) => this.send('GET', path)
  create = (path, object) => this.send('POST', path, object)

  /** @returns the head of the answer as text and its body as bytes */
  ask(method, path, object, contentType) {
    const bytes = requestBytes(this.#server, method, path, object === undefined ? {} : { body: JSON.stringify(object), contentType })
    const connection = this.#idle.pop() ?? this.#connect()
    return new Promise((resolve, reject) => {
      const onAnswer = (_status, body = Buffer.alloc(0)) => {
        if (connection.isOpen) this.#idle.push(connection)
        resolve({ head: connection.head, body })
      }
      const onError = (error) => {
        connection.close()
        reject(new Error(`${method} ${path}: ${error.message}`))
      }
      connection.ask(bytes, onAnswer, { onError, wantsBody: true })
    })
  }

  #connect() {
    const connection = new Connection(this.#server, () => {
      this.#open.delete(connection)
      this.#idle = this.#idle.filter((each) => each !== connection)
    })
    this.#open.add(connection)
    return connection
  }

  /** Does something for each index, a few at a time. */
  async all(count, work) {
    let next = 0
    const worker = async () => {
      while (next < count) await work(next++)
    }
    await Promise.all(Array.from({ length: inFlightMax }, worker))
  }

  async revision() {
    return Number((await this.get('/api/v1/namespaces?limit=1')).metadata.resourceVersion)
  }

  close() {
    for (const connection of this.#open) connection.close()
  }
}
