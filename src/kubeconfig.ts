// The kubeconfig of the administrator: how kubectl and client libraries find the server and prove who they are.
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { type Certificates, readText, writeWhole } from './certificates/index.js'
import { StartProblem } from './start-problem.js'

export interface KubeconfigOptions {
  /** `https://127.0.0.1:6443`, or the plain address when there is no secure port. */
  server: string
  /** The path that was asked for; absent: a file of its own in the cache. */
  path?: string
  certificates: Certificates
  /** The port was chosen by the system: nobody will look for this file after the end. */
  isPassing?: boolean
}

export interface Kubeconfig {
  /** Absolute. */
  path: string
  /** Takes the file away again when it would only be litter. */
  close(): void
}

/** @throws {StartProblem} when the file cannot be written, or belongs to somebody */
export function writeKubeconfig({ server, path: asked, certificates, isPassing = false }: KubeconfigOptions): Kubeconfig {
  if (asked !== undefined) requireOwnKubeconfig(asked)
  const path = asked === undefined ? defaultPath(server, certificates.folder) : resolve(asked)
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeWhole(path, formatKubeconfig(server, certificates))
  } catch (error) {
    throw new StartProblem(`${path} cannot be written (${(error as Error).message}): name a file in a folder you may write with --kubeconfig`)
  }
  const isLitter = asked === undefined && isPassing
  return { path, close: () => isLitter && rmSync(path, { force: true }) }
}

/** @throws {StartProblem} when there is a kubeconfig of somebody else */
export function requireOwnKubeconfig(asked: string): void {
  const path = resolve(asked)
  if (!isOurs(path)) throw new StartProblem(`${path} is a kubeconfig of somebody else: name a new file with --kubeconfig, or leave the flag out`)
}

function defaultPath(server: string, folder: string | undefined): string {
  const { port, protocol } = new URL(server)
  return join(folder ?? join(tmpdir(), `kubedouble-${userInfo().uid}`), `kubeconfig-${port || protocol.slice(0, -1)}`)
}

/** kubectl drops comments when it changes a file, so what tells our files is what is in them: one cluster, and that is kubedouble. */
function isOurs(path: string): boolean {
  if (!existsSync(path)) return true
  const text = readText(path)
  if (text === undefined) return false
  const isEmpty = text.trim() === ''
  return isEmpty || (/^\s*-?\s*name: kubedouble$/m.test(text) && text.match(/^\s*-?\s*server:/gm)?.length === 1)
}

/** @param certificates whose secrets go in when the server speaks TLS */
export function formatKubeconfig(server: string, { ca, admin }: Pick<Certificates, 'ca' | 'admin'>): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const isSecure = server.startsWith('https:')
  const user = isSecure
    ? `
  user:
    client-certificate-data: ${base64(admin.cert)}
    client-key-data: ${base64(admin.key)}`
    : `
  user: {}`
  return `apiVersion: v1
kind: Config
clusters:
- name: kubedouble
  cluster:${isSecure ? `\n    certificate-authority-data: ${base64(ca)}` : ''}
    server: ${server}
contexts:
- name: kubedouble
  context:
    cluster: kubedouble
    user: kubernetes-admin
current-context: kubedouble
preferences: {}
users:
- name: kubernetes-admin${user}
`
}
