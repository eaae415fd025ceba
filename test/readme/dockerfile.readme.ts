// The Dockerfile, walked step by step without a container engine: what it copies is there, what it builds runs as nobody in
// particular, from files that nobody may write, and keeps its state in the one folder that is mounted.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyOf, readDockerfile, type Stage, textsOf, wordsOf } from './dockerfile.js'
import { installProductionPackages, run, top } from './installation.js'

const [build, image] = readDockerfile(readFileSync(join(top, 'Dockerfile'), 'utf8')) as [Stage, Stage]
const scratch = mkdtempSync(join(tmpdir(), 'kubedouble-image-'))
const [context, app, data] = ['build', 'app', 'data'].map((name) => join(scratch, name))
const nobody = 65532
// Only root can become somebody else; anybody else is nobody in particular already.
const isRoot = process.getuid?.() === 0
const children: ChildProcess[] = []

beforeAll(async () => {
  // The context is what is committed or about to be, less what .dockerignore names.
  const ignored = readFileSync(join(top, '.dockerignore'), 'utf8').split('\n').filter(Boolean)
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: top, encoding: 'utf8' }).split('\n').filter(Boolean)
  for (const file of files.filter((path) => existsSync(join(top, path)) && !ignored.includes(path.split('/')[0]))) {
    mkdirSync(dirname(join(context, file)), { recursive: true })
    cpSync(join(top, file), join(context, file))
  }
  symlinkSync(join(top, 'node_modules'), join(context, 'node_modules'))
  const [command] = /npm run build[^&]*/.exec(textsOf(build, 'RUN').at(-1) as string) as RegExpExecArray
  const { code, stdout, stderr } = await run('sh', ['-c', command], { cwd: context, env: process.env })
  if (code !== 0) throw new Error(`${command} failed: ${stdout}${stderr}`)
  layOut()
})
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  if (existsSync(app)) for (const path of [app, ...directoriesOf(app)]) chmodSync(path, 0o755)
  rmSync(scratch, { recursive: true })
})

/** The last stage's files, owned by root and written by nobody; one folder belongs to the user. */
function layOut(): void {
  for (const { sources, target } of textsOf(image, 'COPY').map(copyOf)) {
    for (const path of sources.map((source) => source.replace('/build/', ''))) {
      const destination = target === './' ? join(app, path) : join(app, target)
      if (path === 'node_modules') installProductionPackages(app)
      else cpSync(join(context, path), destination, { recursive: true })
    }
  }
  mkdirSync(data)
  if (isRoot) execFileSync('chown', [`${nobody}:${nobody}`, data])
  execFileSync('chmod', ['-R', 'a+rX,a-w', app])
  chmodSync(scratch, 0o755)
}

const directoriesOf = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))

/** Somebody without rights, without a home, in the image's folder. */
function asNobody(words: readonly string[]): [string, string[], { cwd: string; env: NodeJS.ProcessEnv }] {
  const command = words.map((word) => (word.startsWith('/data') ? join(data, word.slice('/data'.length)) : word === 'node' ? process.execPath : word))
  const become = isRoot ? ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', '--no-new-privs', ...command] : command
  return [become[0], become.slice(1), { cwd: app, env: { PATH: process.env.PATH, HOME: '/' } }]
}

/** As a container is started: the entry point, and what follows the image's name. */
async function start(...words: string[]) {
  const [command, args, options] = asNobody([...wordsOf(textsOf(image, 'ENTRYPOINT')[0]), ...words])
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  let log = ''
  child.stderr.on('data', (chunk) => (log += chunk))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (chunk) => resolve(String(chunk)))
    child.once('close', () => reject(new Error(log)))
  })
  return { child, ready: JSON.parse(line) as { http: string; https: string; data: string; kubeconfig: string }, ended, log: () => log }
}

// Of this machine nothing but loopback is served, at ports that are free.
const here = ['--bind-address', '127.0.0.1', '--secure-port', '0', '--insecure-port', '0', '--grpc-port', '0', '--output', 'json']

describe('the Dockerfile', () => {
  it('copies what is there', () => {
    const fromContext = textsOf(build, 'COPY').map(copyOf)
    expect(fromContext.flatMap(({ sources }) => sources).filter((source) => !existsSync(join(context, source)))).toEqual([])
    const fromBuild = textsOf(image, 'COPY').map(copyOf)
    expect(fromBuild.every(({ from }) => from === build.name)).toBe(true)
    expect(fromBuild.flatMap(({ sources }) => sources).filter((source) => !existsSync(join(scratch, source)))).toEqual([])
  })

  it('has the Node that the package asks for, and no rights', () => {
    for (const { base } of [build, image]) expect(base).toMatch(/^node:(?:2[0-9])-/)
    expect(textsOf(image, 'USER')).toEqual([`${nobody}:${nobody}`])
    expect(textsOf(image, 'VOLUME')).toEqual(['/data'])
  })

  it('makes a server that is healthy, keeps its state in the volume, and ends at a signal', async () => {
    const first = await start(...here)
    expect(first.ready.kubeconfig).toBe(join(data, 'kubeconfig'))
    expect(first.ready.data).toContain(data)
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept' }, data: { word: 'still here' } }
    const made = await fetch(`${first.ready.http}/api/v1/namespaces/default/configmaps`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(configMap),
    })
    expect(made.status).toBe(201)
    expect(await health(first.ready.http)).toBe(0)
    first.child.kill('SIGTERM')
    expect(await first.ended, first.log()).toBe(0)
    expect(await health(first.ready.http)).toBe(1)

    const second = await start(...here)
    const read = await fetch(`${second.ready.http}/api/v1/namespaces/default/configmaps/kept`)
    expect(await read.json()).toMatchObject({ data: { word: 'still here' } })
    second.child.kill('SIGTERM')
    expect(await second.ended, second.log()).toBe(0)
  })

  it('writes nowhere else', () => {
    expect(readdirSync(data).sort()).toEqual(expect.arrayContaining(['certificates']))
    const untouched = readFileSync(join(context, 'dist', 'main.js'))
    expect(readFileSync(join(app, 'dist', 'main.js')).equals(untouched)).toBe(true)
    expect(readdirSync(join(app, 'dist')).sort()).toEqual(readdirSync(join(context, 'dist')).sort())
  })
})

/** The image's own check of its health, at another port. @returns its exit code */
async function health(address: string): Promise<number> {
  const words = wordsOf(textsOf(image, 'HEALTHCHECK')[0]).map((word) => word.replace('http://127.0.0.1:8080', address))
  expect(words.join(' ')).toContain(address)
  const [command, args, options] = asNobody(words)
  return (await run(command, args, options)).code
}
