// Writes at a steady rate, whether or not the server keeps up: one that is late is sent as soon as a connection is free.
import { Connection } from './connection.mjs'

const connectionsMax = 32
const tickMillis = 1

/**
 * @param request the bytes of the write with this sequence number
 * @param isOver when to stop: after so many writes (`count`) or when it says so
 * @returns when each was sent, by its sequence number, and what each took in milliseconds, sorted
 */
export function writeSteadily(server, { perSecond, request, first = 0, count = Number.POSITIVE_INFINITY, isOver = () => false }) {
  return new Promise((resolve, reject) => {
    const idle = Array.from({ length: connectionsMax }, () => new Connection(server))
    const all = [...idle]
    const sentAt = new Map()
    const millis = []
    const began = performance.now()
    let [sent, answered] = [0, 0]
    const end = (finish) => {
      clearInterval(timer)
      for (const connection of all) connection.close()
      finish()
    }
    const onError = (error) => end(() => reject(error))
    const tick = () => {
      const isDone = sent >= count || isOver()
      if (isDone && answered === sent) {
        const result = { sentAt, millis: millis.sort((one, other) => one - other), began, seconds: (performance.now() - began) / 1000 }
        return end(() => resolve(result))
      }
      if (isDone) return
      const due = Math.min(count, ((performance.now() - began) / 1000) * perSecond)
      while (sent < due && idle.length) send(idle.pop(), first + sent++)
    }
    const send = (connection, sequence) => {
      const at = performance.now()
      sentAt.set(sequence, at)
      const onAnswer = () => {
        millis.push(performance.now() - at)
        answered++
        idle.push(connection)
      }
      connection.ask(request(sequence), onAnswer, { onError })
    }
    const timer = setInterval(tick, tickMillis)
  })
}
