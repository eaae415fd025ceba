// Connections that come and go, in good order and not.
import { openBare, openMany, requestText } from '../sockets.js'
import type { Stage } from '../stage.js'

export async function connections(stage: Stage): Promise<void> {
  const { server, form, hold } = stage
  const count = form.isShort ? 400 : 2000
  const { identity } = server
  let answered = 0
  await stage.unharmed(`${count} connections come and go`, () =>
    openMany(count, async (index) => {
      const client = await openBare(index % 4 === 3 ? server.securePort : server.port, { ...(index % 4 === 3 ? { identity } : {}), kept: 20 })
      // One says nothing at all, one is gone before its answer, the others wait for it.
      if (index % 4 === 0) client.socket.destroy()
      else {
        client.socket.write(requestText('GET', '/version', { Connection: 'close' }))
        if (index % 4 === 1) client.socket.resetAndDestroy()
      }
      await client.over
      if (client.text) answered++
    }),
  )
  hold('who waits is answered', answered >= count / 2, `${answered} of ${count / 2}`)
  await openMany(Math.ceil(count / 10), async () => {
    const client = await openBare(server.grpcPort, {})
    client.socket.destroy()
    await client.over
  })
  await stage.allIsOver('connections that came and went')
}
