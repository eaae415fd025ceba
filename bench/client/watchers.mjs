// Many watches of one collection, read as cheaply as possible: lines are counted. One of them is read in full and tells which line is which write.
import { AnswerReader } from './answer-reader.mjs'
import { openSocket, requestBytes } from './connection.mjs'

const newline = 10
const carriageReturn = 13
const openedAtOnce = 32
const sequencePattern = /"sequence":"(\d+)"/
// Events of others, of which there are hardly any.
const spareEvents = 1000

export class Watchers {
  /** How many watches the server has ended. */
  ended = 0
  #sockets = []
  #isClosing = false
  /** How many lines each watch has got. */
  #lines
  /** When each watch has got each line, from the first of this round. */
  #times = new Float64Array(0)
  #base = 0
  #capacity = 0
  /** Which write each line of the first watch tells of; -1 when it is another's. */
  #order = []
  #count

  constructor(count) {
    this.#count = count
    this.#lines = new Int32Array(count)
  }

  /** Opens all of them. */
  async open(server, path) {
    const bytes = requestBytes(server, 'GET', path)
    let next = 0
    const worker = async () => {
      while (next < this.#count) await this.#openOne(server, bytes, next++)
    }
    await Promise.all(Array.from({ length: openedAtOnce }, worker))
  }

  #openOne(server, bytes, index) {
    return new Promise((resolve, reject) => {
      let last = 0
      const reader = index === 0 ? this.#fullReader() : undefined
      const onBytes = (chunk) => {
        resolve()
        this.#countLines(index, chunk, last)
        last = chunk[chunk.length - 1]
        reader?.read(chunk)
      }
      const onClose = () => {
        reject(new Error(`a watch of ${server.url} was refused`))
        if (!this.#isClosing) this.ended++
      }
      const socket = openSocket(server, { onBytes, onClose })
      this.#sockets.push(socket)
      socket.write(bytes)
    })
  }

  /** Lines of heads and of chunks end in a carriage return as well; those of events do not. */
  #countLines(index, chunk, last) {
    const now = performance.now()
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, at + 1)) {
      if ((at === 0 ? last : chunk[at - 1]) === carriageReturn) continue
      const line = this.#lines[index]++ - this.#base
      if (line < this.#capacity) this.#times[index * this.#capacity + line] = now
    }
  }

  #fullReader() {
    let rest = ''
    const onBody = (bytes) => {
      const lines = (rest + bytes.latin1Slice()).split('\n')
      rest = lines.pop()
      for (const line of lines) this.#order.push(Number(sequencePattern.exec(line)?.[1] ?? -1))
    }
    return new AnswerReader({ onBody, onEnd: () => {} })
  }

  /** Call before the first write of a round. @param writes how many there will be */
  begin(writes) {
    this.#base = this.#order.length
    this.#capacity = writes + spareEvents
    this.#times = new Float64Array(this.#count * this.#capacity)
  }

  /** @param seen how many writes of this round the first watch must have told of. @returns whether every watch has got as many lines */
  hasAll(seen) {
    let told = 0
    for (let at = this.#base; at < this.#order.length; at++) if (this.#order[at] >= 0) told++
    return told >= seen && this.#lines.every((lines) => lines >= this.#order.length)
  }

  /** @param sentAt when each write was sent, by its sequence number. @returns what each delivery took in milliseconds, sorted, and when the last one was */
  deliveries(sentAt) {
    const millis = []
    let last = 0
    for (let line = 0; line < Math.min(this.#order.length - this.#base, this.#capacity); line++) {
      const sent = sentAt.get(this.#order[this.#base + line])
      if (sent === undefined) continue
      for (let index = 0; index < this.#count; index++) {
        const time = this.#times[index * this.#capacity + line]
        if (time === 0) continue
        millis.push(time - sent)
        last = Math.max(last, time)
      }
    }
    return { millis: Float64Array.from(millis).sort(), last }
  }

  close() {
    this.#isClosing = true
    for (const socket of this.#sockets) socket.destroy()
  }
}
