// One watch that is read in full.
import { AnswerReader } from './answer-reader.mjs'
import { openSocket, requestBytes } from './connection.mjs'

/**
 * @param onLine is given each event as text, and when it came
 * @returns once the watch is open: `close`
 */
export function openLines(server, path, onLine) {
  return new Promise((resolve, reject) => {
    let rest = ''
    let now = 0
    const onBody = (bytes) => {
      const lines = (rest + bytes.latin1Slice()).split('\n')
      rest = lines.pop()
      for (const line of lines) onLine(line, now)
    }
    const reader = new AnswerReader({ onBody, onEnd: () => {} })
    const onBytes = (bytes) => {
      now = performance.now()
      reader.read(bytes)
      resolve({ close: () => socket.destroy() })
    }
    const socket = openSocket(server, { onBytes, onClose: () => reject(new Error(`the watch of ${path} was refused`)) })
    socket.write(requestBytes(server, 'GET', path))
  })
}
