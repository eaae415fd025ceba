// The package as npm would publish it, installed where there is nothing else.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Plain } from '../../src/machinery/index.js'
import { grpcClient, messages } from '../grpc/wire.js'
import { type Ending, installProductionPackages, run, top } from './installation.js'

const scratch = mkdtempSync(join(tmpdir(), 'kubedouble-package-'))
const installed = join(scratch, 'node_modules', 'kubedouble')
const env = { PATH: process.env.PATH, HOME: scratch, XDG_CACHE_HOME: scratch }
const program = `import { type Kubedouble, type KubedoubleOptions, StartProblem, startKubedouble } from 'kubedouble'
const options: KubedoubleOptions = { nodes: 1 }
const cluster: Kubedouble = await startKubedouble(options)
const nodes = await fetch(\`\${cluster.http}/api/v1/nodes\`)
await cluster.settled()
await cluster.close()
await startKubedouble({ nodes: -1 }).catch((problem: StartProblem) => console.log(nodes.status, problem instanceof StartProblem))
`

interface Bill {
  components: { name: string; hashes?: { alg: string }[]; licenses?: object[]; properties: { name: string; value: string }[] }[]
}

describe('the package', () => {
  let packed: { filename: string; unpackedSize: number; files: { path: string }[] }

  beforeAll(async () => {
    const { stdout } = await must('npm', ['pack', '--json', '--silent', '--pack-destination', scratch], top)
    packed = JSON.parse(stdout.slice(stdout.indexOf('[')))[0]
    installProductionPackages(scratch)
    mkdirSync(installed)
    await must('tar', ['-xzf', packed.filename, '--strip-components', '1', '-C', installed], scratch)
    mkdirSync(join(scratch, 'node_modules', '.bin'))
    symlinkSync('../kubedouble/dist/kubedouble.js', join(scratch, 'node_modules', '.bin', 'kubedouble'))
    writeFileSync(join(scratch, 'package.json'), '{ "type": "module" }')
  })
  afterAll(() => rmSync(scratch, { recursive: true }))

  it('has what it needs, and nothing that it does not', () => {
    const paths = packed.files.map(({ path }) => path)
    expect(paths).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'CHANGELOG.md', 'package.json', 'dist/kubedouble.js', 'dist/index.js', 'dist/index.d.ts']),
    )
    // Compressed beside the bundles.
    const isLeftOut = (path: string) => path === 'proto/descriptors.json'
    for (const folder of ['migrations', 'proto']) {
      expect(paths.filter((path) => path.startsWith(folder))).toEqual(filesOf(folder).filter((path) => !isLeftOut(path)))
    }
    expect(paths.filter((path) => path.startsWith('dist/types/')).length).toBeLessThan(20)
    expect(paths.filter((path) => !/^(?:dist|migrations|proto)\/|^(?:LICENSE|README\.md|CHANGELOG\.md|package\.json)$|^dist.*\.cache$/.test(path))).toEqual([])
  })

  it('is small', () => expect(packed.unpackedSize).toBeLessThan(3_000_000))

  it('names whose code it carries', () => {
    const notices = readFileSync(join(installed, 'dist', 'THIRD-PARTY-NOTICES.txt'), 'utf8')
      .split(`\n${'='.repeat(80)}\n`)[0]!
      .split(`\n${'-'.repeat(80)}\n`)
      .slice(1)
    expect(notices.filter((notice) => !/^(?:\S+ \d+\.\d+\.\d+ \(.+\)\n)+\n[\s\S]*copyright/i.test(notice)).map((notice) => notice.split('\n')[0])).toEqual([])
    const titles = notices.flatMap((notice) => notice.split('\n\n')[0]!.split('\n')).map((title) => title.split(' ')[0])
    expect(titles).toEqual(expect.arrayContaining(['fastify', 'ws', 'js-yaml', 'commander', '@grpc/grpc-js', '@peculiar/x509']))
  })

  it('has a bill of all that it carries and brings, each part with its hash and license', () => {
    const bill = JSON.parse(readFileSync(join(installed, 'dist', 'sbom.cdx.json'), 'utf8')) as Bill
    expect(bill).toMatchObject({ bomFormat: 'CycloneDX', metadata: { component: { name: 'kubedouble' } } })
    expect(bill.components.filter(({ hashes, licenses }) => hashes?.[0]?.alg !== 'SHA-512' || !licenses?.length)).toEqual([])
    const named = (bundled: string) => bill.components.filter(({ properties }) => properties.some(({ value }) => value === bundled)).map(({ name }) => name)
    expect(named('true')).toEqual(expect.arrayContaining(['fastify', '@grpc/grpc-js', '@peculiar/x509']))
    expect([...named('true'), ...named('false')].filter((name) => /esbuild|vitest|typescript|ajv/.test(name))).toEqual([])
    const brought = readdirSync(join(scratch, 'node_modules'), { recursive: true, encoding: 'utf8' })
      .filter((path) => /(?:^|node_modules\/)(?:@[^/]+\/)?[^/@]+\/package\.json$/.test(path) && !path.startsWith('kubedouble'))
      .map((path) => JSON.parse(readFileSync(join(scratch, 'node_modules', path), 'utf8')).name as string)
    expect(bill.components.map(({ name }) => name)).toEqual(expect.arrayContaining(brought))
  })

  it('answers npx', async () => {
    const { version } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8'))
    expect(await must('npx', ['--no-install', 'kubedouble', '--version'], scratch)).toMatchObject({ stdout: `${version}\n`, stderr: '' })
  })

  it('serves from where it is installed', async () => {
    // Not through npx, which ends at a signal without passing it on.
    const script = `node_modules/.bin/kubedouble --secure-port 0 --insecure-port 0 --grpc-port 0 --nodes 1 --data state.db --output json > ready & server=$!
      until [ -s ready ]; do kill -0 $server; sleep 0.1; done
      curl -sf "$(sed 's/.*"http":"\\([^"]*\\)".*/\\1/' ready)/readyz"; kill $server; wait $server`
    expect(await run('bash', ['-ec', script], { cwd: scratch, env })).toMatchObject({ code: 0, stdout: 'ok' })
  })

  it('is a library for modules, typed', async () => {
    writeFileSync(join(scratch, 'program.mts'), program)
    const compiler = join(top, 'node_modules', 'typescript', 'bin', 'tsc')
    const options = ['--module', 'nodenext', '--target', 'es2023', '--strict', '--typeRoots', join(top, 'node_modules', '@types'), '--types', 'node']
    await must(process.execPath, [compiler, ...options, 'program.mts'], scratch)
    expect(await must(process.execPath, ['program.mjs'], scratch)).toMatchObject({ stdout: '200 true\n', stderr: '' })
  })

  it('finds what it loads only when it is needed', async () => {
    const asking = `import { startKubedouble } from 'kubedouble'
      const { http, close } = await startKubedouble({ nodes: 1 })
      const account = '/api/v1/namespaces/default/serviceaccounts/default'
      const ask = async (path, accept, body) => (await fetch(http + path, { method: body ? 'POST' : 'GET', body, headers: { accept, 'content-type': 'application/yaml' } })).status
      console.log(await ask(account, 'application/yaml'), await ask(account + '/token', 'application/json', 'spec: { audiences: [] }'), await ask('/metrics', '*/*'), await ask('/openapi/v2', '*/*'))
      await close()`
    writeFileSync(join(scratch, 'asking.mjs'), asking)
    expect(await must(process.execPath, ['asking.mjs'], scratch)).toMatchObject({ stdout: '200 201 200 200\n', stderr: '' })
  })

  it('tells gRPC clients what it serves', async () => {
    const asking = `import { startKubedouble } from 'kubedouble'
      const { grpc, close } = await startKubedouble({ nodes: 1 })
      console.log(grpc)
      process.stdin.once('end', close).resume()`
    writeFileSync(join(scratch, 'grpc.mjs'), asking)
    const server = spawn(process.execPath, ['grpc.mjs'], { cwd: scratch, env, stdio: ['pipe', 'pipe', 'inherit'] })
    const address = await new Promise<string>((resolve) => server.stdout.once('data', (line) => resolve(String(line).trim())))
    expect(await reflect(address, { listServices: '' })).toContain('kubedouble.v1.Services')
    expect(await reflect(address, { fileContainingSymbol: 'kubedouble.v1.Services' })).toContain('kubedouble/v1/services.proto')
    server.stdin.end()
    expect(await new Promise((resolve) => server.once('exit', resolve))).toBe(0)
  })

  it('is a library for scripts too', async () => {
    const script = "const { startKubedouble } = require('kubedouble'); startKubedouble().then((cluster) => cluster.close()).then(() => console.log('done'))"
    writeFileSync(join(scratch, 'script.cjs'), script)
    expect(await must(process.execPath, ['script.cjs'], scratch)).toMatchObject({ stdout: 'done\n' })
  })
})

/** @returns the bytes of the answer, as far as they are text */
function reflect(address: string, question: Plain): Promise<string> {
  const asBytes = (bytes: Buffer) => bytes
  const client = grpcClient(address)
  const stream = client.makeBidiStreamRequest('/grpc.reflection.v1.ServerReflection/ServerReflectionInfo', asBytes, asBytes)
  stream.end(messages.encode('grpc/reflection/v1.ServerReflectionRequest', question))
  return new Promise<string>((resolve, reject) => {
    stream.once('data', (bytes: Buffer) => resolve(bytes.toString('latin1')))
    stream.once('error', reject)
  }).finally(() => client.close())
}

function filesOf(folder: string): string[] {
  const entries = readdirSync(join(top, folder), { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(top.length + 1))
  return paths.sort((one, other) => one.localeCompare(other, 'en'))
}

async function must(command: string, args: readonly string[], cwd: string): Promise<Ending> {
  const ending = await run(command, args, { cwd, env })
  if (ending.code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${ending.code}:\n${ending.stdout}${ending.stderr}`)
  return ending
}
