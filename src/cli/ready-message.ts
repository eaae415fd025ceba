// What is printed when the server is ready.
import type { Output } from './command.js'

/** What a running server says of itself; absent addresses are ports that are off. */
export interface Ready {
  https?: string
  http?: string
  grpc?: string
  kubeconfig: string
  data: string
  nodes: number
}

export function readyMessage(ready: Ready, output: Output, version: string): string {
  return output === 'json' ? jsonMessage(ready) : textMessage(ready, version)
}

function jsonMessage({ https, http, grpc, kubeconfig, data, nodes }: Ready): string {
  return `${JSON.stringify({ https: https ?? null, http: http ?? null, grpc: grpc ?? null, kubeconfig, data, nodes })}\n`
}

function textMessage({ https, http, grpc, kubeconfig, data, nodes }: Ready, version: string): string {
  const lines = [
    `kubedouble ${version} answers the Kubernetes 1.35 API`,
    ...(https ? [`  https       ${https}`] : []),
    ...(http ? [`  http        ${http} (no credentials needed)`] : []),
    ...(grpc ? [`  grpc        ${grpc}`] : []),
    `  data        ${data === ':memory:' ? 'in memory, forgotten at exit' : data}`,
    `  nodes       ${nodes} simulated`,
    'Connect with',
    `  export KUBECONFIG=${quoted(kubeconfig)}`,
  ]
  return `${lines.join('\n')}\n`
}

/** The line is meant to be pasted into a shell. */
const quoted = (path: string) => (/^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`)
