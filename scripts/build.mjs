// Makes dist/: the command as one file with a small launcher, its compiled code, and the library.
//   node scripts/build.mjs            what changed since the last build
//   node scripts/build.mjs --types    the declarations of the library too
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client, credentials } from '@grpc/grpc-js'
import { build } from 'esbuild'
import { noticesOf } from './notices.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const finished = join(root, 'dist')
// Made aside and moved into place whole: a second build at the same time, or a server that starts, never sees half of it.
const dist = `${finished}.${process.pid}`

const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'cjs',
  // Licenses go into a file of their own.
  legalComments: 'none',
  metafile: true,
  // Native, or loaded from its own package when it is first needed.
  external: ['better-sqlite3', 'jsonwebtoken', 'pino-pretty', '@grpc/grpc-js'],
  define: { 'import.meta.url': 'importMetaURL', 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
  banner: { js: 'const importMetaURL = require("node:url").pathToFileURL(__filename).href;' },
  // The launcher runs a script, and scripts have no dynamic import: it becomes a require that waits until it is called.
  supported: { 'dynamic-import': false },
  logLevel: 'warning',
}

// What the launcher runs: the function that Node would make of a module.
const asFunction = {
  banner: { js: `(function (exports, require, module, __filename, __dirname) {${shared.banner.js}` },
  footer: { js: '})' },
}

async function main() {
  if (isFresh() && !process.argv.includes('--types')) return
  mkdirSync(dist)
  writeFileSync(join(dist, 'package.json'), '{ "type": "commonjs" }\n')
  const minified = { minifyWhitespace: true, minifySyntax: true }
  const bundles = await Promise.all([
    build({ ...shared, ...minified, ...asFunction, entryPoints: ['src/cli/main.ts'], outfile: join(dist, 'main.js') }),
    build({ ...shared, ...minified, entryPoints: ['src/index.ts'], outfile: join(dist, 'index.js') }),
  ])
  writeFileSync(
    join(dist, 'THIRD-PARTY-NOTICES.txt'),
    noticesOf(
      root,
      bundles.map(({ metafile }) => metafile),
    ),
  )
  await build({ ...shared, banner: { js: '#!/usr/bin/env node' }, define: {}, entryPoints: ['src/cli/launcher.ts'], outfile: join(dist, 'kubedouble.js') })
  chmodSync(join(dist, 'kubedouble.js'), 0o755)
  if (process.argv.includes('--types')) declare()
  await warmUp()
  moveIntoPlace()
}

function moveIntoPlace() {
  const old = `${dist}.old`
  if (existsSync(finished)) renameSync(finished, old)
  renameSync(dist, finished)
  rmSync(old, { recursive: true, force: true })
}

/** Whether everything that goes into dist/ is older than it. */
function isFresh() {
  const output = join(finished, 'kubedouble.js')
  if (!existsSync(output)) return false
  const built = statSync(output).mtimeMs
  const sources = readdirSync(join(root, 'src'), { recursive: true }).map((file) => join('src', file))
  return [...sources, 'package.json', 'package-lock.json', 'scripts/build.mjs'].every((file) => statSync(join(root, file)).mtimeMs < built)
}

function declare() {
  const options = [
    '--noEmit',
    'false',
    '--emitDeclarationOnly',
    '--declaration',
    '--outDir',
    join(dist, 'types'),
    '--rootDir',
    'src',
    '--project',
    'tsconfig.build.json',
  ]
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...options], { cwd: root, stdio: 'inherit' })
  writeFileSync(join(dist, 'index.d.ts'), "export * from './types/index.js'\n")
}

/** One run and a few requests: at its end the launcher keeps the compiled code. */
function warmUp() {
  const child = spawn(
    process.execPath,
    [join(dist, 'kubedouble.js'), 'serve', '--secure-port', '0', '--insecure-port', '0', '--grpc-port', '0', '--output', 'json', '--log-level', 'error'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const ended = new Promise((resolve, reject) => {
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`the built server ended with code ${code}`))))
    child.once('error', reject)
  })
  child.stdout.once('data', (line) => {
    const { http, grpc } = JSON.parse(line)
    const paths = ['/api', '/apis', '/api/v1/nodes', '/api/v1/namespaces/default/services?limit=1', '/version']
    const requests = paths.map((path) => fetch(http + path).then((answer) => answer.text()))
    Promise.allSettled([...requests, callOnce(grpc, '/kubedouble.v1.Nodes/List')]).then(() => child.kill('SIGTERM'))
  })
  return ended
}

/** One gRPC call with an empty request. */
function callOnce(address, path) {
  const client = new Client(address, credentials.createInsecure())
  const asBytes = (bytes) => bytes
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, asBytes, asBytes, Buffer.alloc(0), (error, answer) => (error ? reject(error) : resolve(answer)))
  }).finally(() => client.close())
}

// What is wrong has been printed by then.
await main().catch((error) => {
  rmSync(dist, { recursive: true, force: true })
  if (!error.errors) process.stderr.write(`${error.stack}\n`)
  process.exitCode = 1
})
