// Makes dist/: the command as one file with a small launcher, its compiled code, and the library.
//   node scripts/build.mjs            what changed since the last build
//   node scripts/build.mjs --package  all that is published: shorter, with declarations and a bill of materials
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { Client, credentials } from '@grpc/grpc-js'
import { build } from 'esbuild'
import { makeBundles } from './bundles.mjs'
import { copyDeclarations } from './declarations.mjs'
import { refuseUnknownLicenses } from './licenses.mjs'
import { bundledPackages, noticesOf } from './notices.mjs'
import { installedPackages, sbomOf } from './sbom.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const finished = join(root, 'dist')
// Made aside and moved into place whole: a second build at the same time, or a server that starts, never sees half of it.
const dist = `${finished}.${process.pid}`

const launcher = {
  absWorkingDir: root,
  entryPoints: ['src/cli/launcher.ts'],
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'cjs',
  banner: { js: '#!/usr/bin/env node' },
  logLevel: 'warning',
}
// Named one by one: that is how Node finds the exports of a script.
const library = `'use strict'
const { StartProblem, startKubedouble } = require('./main.js')
exports.StartProblem = StartProblem
exports.startKubedouble = startKubedouble
`

const forPackage = process.argv.includes('--package')
const write = (file, content) => writeFileSync(join(dist, file), content)

async function main() {
  if (isFresh() && !forPackage) return
  mkdirSync(dist)
  write('package.json', '{ "type": "commonjs" }\n')
  const bundled = bundledPackages(root, await makeBundles({ root, dist, forPackage }))
  const installed = installedPackages(root)
  refuseUnknownLicenses([...bundled, ...installed])
  write('THIRD-PARTY-NOTICES.txt', noticesOf(root, bundled, installed))
  write('descriptors.json.gz', gzipSync(readFileSync(join(root, 'proto/descriptors.json')), { level: 9 }))
  write('index.js', library)
  await build({ ...launcher, outfile: join(dist, 'kubedouble.js') })
  chmodSync(join(dist, 'kubedouble.js'), 0o755)
  if (forPackage) {
    declare()
    write('sbom.cdx.json', sbomOf(root, { bundled, installed }))
  }
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
  return [...sources, 'package.json', 'package-lock.json', 'proto/descriptors.json', 'scripts/build.mjs', 'scripts/bundles.mjs'].every(
    (file) => statSync(join(root, file)).mtimeMs < built,
  )
}

function declare() {
  const all = join(dist, 'declarations')
  const options = ['--noEmit', 'false', '--emitDeclarationOnly', '--declaration', '--outDir', all, '--rootDir', 'src', '--project', 'tsconfig.build.json']
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...options], { cwd: root, stdio: 'inherit' })
  copyDeclarations(all, join(dist, 'types'))
  rmSync(all, { recursive: true })
  write('index.d.ts', "export * from './types/index.js'\n")
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
