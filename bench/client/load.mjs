// Load: so many connections, each of which sends its next request when it has its answer.
import { Connection } from './connection.mjs'

/**
 * @param request the bytes of the request with this index
 * @param seconds how long; or `count`: how many
 * @returns how many answers in how many seconds, and what each took in milliseconds, sorted
 */
export function load(server, { request, connections = 32, seconds = Number.POSITIVE_INFINITY, count = Number.POSITIVE_INFINITY, first = 0 }) {
  return new Promise((resolve, reject) => {
    const began = performance.now()
    const end = began + seconds * 1000
    const millis = []
    let [next, open] = [first, 0]
    const all = []
    const fail = (error) => {
      reject(error)
      for (const each of all) each.close()
    }
    const isOver = (now) => now >= end || next - first >= count
    const work = (connection) => {
      const sent = performance.now()
      if (isOver(sent)) return finish(connection)
      const onAnswer = () => {
        millis.push(performance.now() - sent)
        work(connection)
      }
      connection.ask(request(next++), onAnswer, { onError: fail })
    }
    const finish = (connection) => {
      connection.close()
      if (--open > 0) return
      const took = (performance.now() - began) / 1000
      resolve({ count: millis.length, next, seconds: took, rate: millis.length / took, millis: millis.sort((one, other) => one - other) })
    }
    for (let index = 0; index < Math.min(connections, count); index++) {
      open++
      all.push(new Connection(server))
    }
    for (const connection of all) work(connection)
  })
}

/** @param sorted numbers. @param share 0.99 for the 99th percentile */
export const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
