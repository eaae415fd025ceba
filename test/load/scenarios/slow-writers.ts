// Writers that take their time: heads and bodies that come byte by byte or not at all, and handshakes that stand still.
import { setTimeout as pause } from 'node:timers/promises'
import { grpcClient } from '../../grpc/wire.js'
import { type BareClient, comesTrue, configMapBody, configMaps, openBare, openMany, requestText } from '../sockets.js'
import type { Stage } from '../stage.js'

// 32 seconds for a head, 60 for a whole request; looked at every ten.
const closedMillisMax = 80_000
const dripMillis = 250

export async function slowWriters(stage: Stage): Promise<void> {
  const { server, form, hold } = stage
  const count = form.isShort ? 100 : 500
  const body = configMapBody('never')
  const whole = requestText('POST', configMaps, {}, body)
  const heads = await openMany(count, () => openBare(server.port))
  const bodies = await openMany(count, () => openBare(server.port))
  const silent = await openMany(count, () => openBare(server.port))
  const handshakes = await openMany(50, () => openBare(server.securePort))
  const frames = await openMany(50, () => openBare(server.grpcPort))
  const endless = `GET ${configMaps} HTTP/1.1\r\nX-Endless: `
  const bodyStart = whole.length - body.length
  let sent = 0
  const drip = setInterval(() => {
    for (const { socket, isOver } of heads) if (!isOver) socket.write(endless[sent] ?? 'a')
    for (const { socket, isOver } of bodies) if (!isOver) socket.write(sent === 0 ? whole.slice(0, bodyStart) : sent < body.length - 1 ? body[sent] : '')
    sent++
  }, dripMillis)
  await stage.unharmed(`${count} slow heads, ${count} slow bodies, ${count} who say nothing`, () => pause(form.isShort ? 2000 : 10_000))
  const beside = await fetch(`${server.http}${configMaps}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: configMapBody('beside') })
  hold('whoever writes beside them is served', beside.status === 201, `status ${beside.status}`)
  if (!form.isShort) await theyAreClosed(stage, { heads, bodies, silent, handshakes })
  clearInterval(drip)
  for (const { socket } of [...heads, ...bodies, ...silent, ...handshakes, ...frames]) socket.destroy()
  await stage.allIsOver('writers that took their time')
  const client = grpcClient(server.grpc)
  client.close()
}

async function theyAreClosed({ hold }: Stage, all: Record<'heads' | 'bodies' | 'silent' | 'handshakes', BareClient[]>): Promise<void> {
  for (const [what, clients] of Object.entries(all)) {
    const began = performance.now()
    const areClosed = await comesTrue(() => clients.every(({ isOver }) => isOver), closedMillisMax, 500)
    const open = clients.filter(({ isOver }) => !isOver).length
    hold(`slow ${what} are closed in time`, areClosed, `${open} open after ${((performance.now() - began) / 1000).toFixed(0)} s more`)
    if (what === 'handshakes') continue
    const told = clients.filter(({ text }) => text.startsWith('HTTP/1.1 408') && text.includes('"reason":"Timeout"')).length
    hold(`slow ${what} are told why`, told === clients.length, `${told} of ${clients.length} got 408`)
  }
}
