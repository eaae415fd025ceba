// Control: what a client program may ask of whoever runs it, at KUBEDOUBLE_CONTROL.
//   POST /restart          ends the server and starts it again at the same ports, with what it had
//   POST /restart?expire   the same, and what was before is too old to watch from
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ClientServer } from './server.js'

export interface Control {
  readonly url: string
  close(): void
}

export async function startControl(server: ClientServer): Promise<Control> {
  const listener = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://control')
    request.resume()
    if (request.method !== 'POST' || pathname !== '/restart') return reply(response, 404, 'POST /restart or /restart?expire\n')
    server.restart({ expires: searchParams.has('expire') }).then(
      () => reply(response, 200, 'ready\n'),
      (error: unknown) => reply(response, 500, `${(error as Error).stack}\n`),
    )
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      listener.close()
      listener.closeAllConnections()
    },
  }
}

function reply(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(text)
}
