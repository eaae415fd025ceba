import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { ConnectionBudget, openFilesMax } from '../src/connection-budget.js'

it('all ports together have no more connections than there are files, and those beyond are closed', async () => {
  const warnings: string[] = []
  // Half of so few is kept.
  const budget = new ConnectionBudget(8, { warn: (text) => void warnings.push(text) })
  const servers = await Promise.all([listening(budget), listening(budget)])
  const open = async (server: Server): Promise<Socket> => {
    const socket = connect((server.address() as { port: number }).port, '127.0.0.1')
    socket.on('error', () => {})
    await once(socket, 'connect')
    return socket
  }
  const first = [await open(servers[0]), await open(servers[0]), await open(servers[0]), await open(servers[1])]
  while (servers[0].connections + servers[1].connections < 4) await new Promise(setImmediate)
  for (const server of servers) await once((await open(server)).resume(), 'close')
  expect(warnings).toEqual([expect.stringMatching(/^there are 4 connections, and no file descriptors for more/)])
  first[0].destroy()
  while (servers[0].connections > 2) await new Promise(setImmediate)
  const again = await open(servers[1])
  while (servers[1].connections < 2) await new Promise(setImmediate)
  for (const socket of [...first, again]) socket.destroy()
  for (const server of servers) server.close()
})

it('the system says how many files there may be', () => {
  expect(openFilesMax()).toBeGreaterThan(0)
})

type Counted = Server & { connections: number }

function listening(budget: ConnectionBudget): Promise<Counted> {
  const server = createServer() as Counted
  server.connections = 0
  server.on('connection', (socket) => {
    server.connections++
    socket.on('error', () => {})
    socket.once('close', () => server.connections--)
  })
  budget.limit(server)
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}
