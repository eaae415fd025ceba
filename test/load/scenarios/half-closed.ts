// Half-closed sockets: a client that has said all it has to say still gets its whole answer.
import { type BareClient, comesTrue, configMapBody, configMaps, openBare, openMany, requestText } from '../sockets.js'
import type { Stage } from '../stage.js'

const objectBytes = 200_000
const objects = 20

export async function halfClosed(stage: Stage): Promise<void> {
  const { server, form, hold } = stage
  for (let index = 0; index < objects; index++) {
    const body = configMapBody(`long-${index}`, 'x'.repeat(objectBytes))
    await (await fetch(`${server.http}${configMaps}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).arrayBuffer()
  }
  const count = form.isShort ? 20 : 100
  const { lists, watches } = await stage.unharmed('clients that close their half', async () => {
    const asked = async (path: string) => {
      const client = await openBare(server.port, { kept: 400, allowHalfOpen: true })
      client.socket.end(requestText('GET', path))
      return client
    }
    const lists = await openMany(count, () => asked(configMaps), 10)
    await comesTrue(() => lists.every(({ isOver }) => isOver), 20_000)
    return { lists, watches: await openMany(count, () => asked(`${configMaps}?watch=1&resourceVersion=1`)) }
  })
  const whole = lists.filter(isWhole)
  hold(
    'a client that has closed its half gets all of a long list',
    whole.length === count,
    `${whole.length} of ${count}, ${Math.min(...lists.map(({ bytes }) => bytes))} bytes at least`,
  )
  const areOver = await comesTrue(() => watches.every(({ isOver }) => isOver), 10_000)
  hold('a watch ends when its client has closed its half', areOver, `${watches.filter(({ isOver }) => !isOver).length} of ${count} go on`)
  for (const { socket } of [...lists, ...watches]) socket.destroy()
  await stage.allIsOver('half-closed sockets')
}

/** Its length is told, or its last chunk is there. */
function isWhole({ bytes, text, end }: BareClient): boolean {
  const length = /content-length: (\d+)/i.exec(text)?.[1]
  return bytes > objects * objectBytes && (length ? bytes === text.indexOf('\r\n\r\n') + 4 + Number(length) : end === '0\r\n\r\n')
}
