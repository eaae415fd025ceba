import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

const top = join(import.meta.dirname, '..', '..')
const scratch = mkdtempSync(join(tmpdir(), 'kubedouble-process-'))
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(scratch, { recursive: true })
})

const anyPorts = ['--secure-port', '0', '--insecure-port', '0', '--grpc-port', '0']

function start(...args: string[]) {
  const child = spawn(process.execPath, [join(top, 'dist', 'kubedouble.js'), ...args], {
    env: { ...process.env, XDG_CACHE_HOME: scratch },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  const text = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => (text.stdout += chunk))
  child.stderr.on('data', (chunk) => (text.stderr += chunk))
  const ended = new Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal, ...text })),
  )
  const line = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', () => text.stdout.includes('\n') && resolve(text.stdout.slice(0, text.stdout.indexOf('\n'))))
    child.once('close', () => reject(new Error(`the server ended: ${text.stderr}`)))
  })
  line.catch(() => {})
  return { child, line, ended }
}

describe('the process', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('says where it is, and ends in order on %s', async (signal) => {
    const { child, line, ended } = start('serve', ...anyPorts, '--output', 'json', '--nodes', '1')
    const ready = JSON.parse(await line)
    expect(ready).toEqual({
      https: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+$/),
      http: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      grpc: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      kubeconfig: expect.stringContaining(scratch),
      data: ':memory:',
      nodes: 1,
    })
    expect(statSync(ready.kubeconfig).mode & 0o777).toBe(0o600)
    expect(await (await fetch(`${ready.http}/healthz`)).text()).toBe('ok')
    const watch = await fetch(`${ready.http}/api/v1/namespaces?watch=1`)
    const signalled = performance.now()
    child.kill(signal)
    expect(await ended).toMatchObject({ code: 0 })
    expect(performance.now() - signalled).toBeLessThan(1000)
    await watch.text().catch(() => '')
    expect(existsSync(ready.kubeconfig)).toBe(false)
  })

  it('tells a person how to connect', async () => {
    const kubeconfig = join(scratch, 'named')
    const { child, line, ended } = start(...anyPorts, '--kubeconfig', kubeconfig, '--log-level', 'silent')
    await line
    child.kill('SIGTERM')
    expect(await ended).toMatchObject({ code: 0, stdout: expect.stringContaining(`export KUBECONFIG=${kubeconfig}\n`), stderr: '' })
    expect(readFileSync(kubeconfig, 'utf8')).toMatch(/server: https:\/\/127\.0\.0\.1:\d+/)
  })

  it('prints its version', async () => {
    const { version } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8'))
    expect(await start('--version').ended).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  it('refuses a taken port in one line', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as { port: number }
    const result = await start('--secure-port', 'off', '--insecure-port', String(port), '--grpc-port', 'off').ended
    taken.close()
    expect(result).toMatchObject({ code: 2, stdout: '' })
    expect(result.stderr).toMatch(/^kubedouble: .*in use.*--insecure-port.*\n$/)
  })

  it.each([
    [['--nonsense'], /unknown option '--nonsense'/],
    [['--service-cluster-ip-range', '10.96.0.0/99'], /--service-cluster-ip-range: "10\.96\.0\.0\/99" is no network/],
    [['--controllers', 'nonsense'], /--controllers: there is no controller "nonsense": known are .*endpointslice-controller/],
    [['--data', '/dev/null/state.db'], /--data/],
    [['--data', 'FOREIGN'], /--data/],
    [['--token-auth-file', '/nowhere/tokens.csv'], /--token-auth-file/],
    [['--kubeconfig', 'FOREIGN'], /--kubeconfig/],
    [['--cert-dir', '/dev/null'], /--cert-dir/],
    [['--manifests', '/nowhere'], /\/nowhere/],
  ])('refuses %j in one line', async (args, problem) => {
    const foreign = join(scratch, 'foreign')
    writeFileSync(foreign, 'clusters: [{name: production}]\n')
    const result = await start(...anyPorts, ...args.map((each) => (each === 'FOREIGN' ? foreign : each))).ended
    expect(result).toMatchObject({ code: 2, stdout: '' })
    expect(result.stderr).toMatch(problem)
    expect(result.stderr).toMatch(/^kubedouble: [^\n]*\n$/)
    expect(readFileSync(foreign, 'utf8')).toBe('clusters: [{name: production}]\n')
  })
})
