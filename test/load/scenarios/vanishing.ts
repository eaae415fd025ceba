// Clients that vanish in the middle of a body, a list, a watch, a call: with a word, or without one.
import { definitionOf, grpcClient, grpcWire } from '../../grpc/wire.js'
import { configMapBody, configMaps, openBare, openMany, requestText } from '../sockets.js'
import type { Stage } from '../stage.js'

export async function vanishing(stage: Stage): Promise<void> {
  const { server, form, hold } = stage
  const count = form.isShort ? 120 : 2000
  const body = configMapBody('never', 'x'.repeat(100_000))
  for (let index = 0; index < 10; index++) {
    const long = configMapBody(`long-${index}`, 'x'.repeat(200_000))
    await (await fetch(`${server.http}${configMaps}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: long })).arrayBuffer()
  }
  const words = [
    requestText('POST', configMaps, {}, body).slice(0, -50_000),
    requestText('GET', configMaps),
    requestText('GET', configMaps, { 'Accept-Encoding': 'gzip' }),
    requestText('GET', `${configMaps}?watch=1`),
  ]
  await stage.unharmed(`${count} clients vanish`, () =>
    openMany(
      count,
      async (index) => {
        const client = await openBare(server.port, { kept: 0 })
        client.socket.write(words[index % words.length])
        await new Promise((resolve) =>
          client.socket
            .once(index % words.length === 0 ? 'drain' : 'data', resolve)
            .once('close', resolve)
            .setTimeout(200, () => resolve(undefined)),
        )
        if (index % 2) client.socket.resetAndDestroy()
        else client.socket.destroy()
      },
      20,
    ),
  )
  await overGrpc(stage, form.isShort ? 20 : 200)
  await stage.allIsOver('clients that vanished')
  const { status } = await fetch(`${server.http}${configMaps}/never`)
  hold('what was sent in part is not there', status === 404, `status ${status}`)
}

async function overGrpc({ server }: Stage, count: number): Promise<void> {
  const definition = definitionOf('v1/configmaps')
  await openMany(
    count,
    async () => {
      const client = grpcClient(server.grpc)
      const list = grpcWire(client, 'typed')
        .list(definition, { namespace: 'default' })
        .catch(() => undefined)
      const watch = grpcWire(client, 'typed')
        .watch(definition, { namespace: 'default' }, 1)
        .catch(() => undefined)
      await watch
      client.close()
      await list
    },
    10,
  )
}
