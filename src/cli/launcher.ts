// Starts the bundle with the code that an earlier run has compiled: half of the start would be compiling.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'

type Wrapper = (exports: object, require: NodeJS.Require, module: object, filename: string, directory: string) => void
type Bundle = { main(argv: string[]): Promise<'serving' | 'done'> }

const filename = join(__dirname, 'main.js')
const cache = join(__dirname, `main.${process.version}-${process.arch}.cache`)

// What a start makes is mostly kept: room for the short-lived, grown for it, would stay empty and resident.
const growthAtStart = 1
// V8's own.
const growthWhenServing = 2

async function launch(): Promise<void> {
  // The bundle is one function expression. Read as it is, its text stays outside of the heap, and nobody copies it.
  const script = new Script(readFileSync(filename, 'latin1'), { filename, cachedData: readCache() })
  const module = { exports: {} as Bundle }
  const run = script.runInThisContext() as Wrapper
  run(module.exports, createRequire(filename), module, filename, dirname(filename))
  // Not before: V8 takes compiled code only under the flags it was compiled with.
  if (!process.argv.some((word) => word.startsWith('--data'))) setGrowth(growthAtStart)
  const outcome = await module.exports.main(process.argv.slice(2))
  setGrowth(growthWhenServing)
  // At the end of a run the functions that a server needs have been compiled: they go into the cache too.
  if (outcome === 'serving' && script.cachedDataRejected !== false) process.on('exit', () => writeCache(script.createCachedData()))
}

// V8 complains on stderr of a flag that it does not know.
const releasesWithGrowth = /^v2[02]\./

/** By how much the room for new objects grows when it was too small. */
function setGrowth(factor: number): void {
  if (releasesWithGrowth.test(process.version)) setFlagsFromString(`--semi-space-growth-factor=${factor}`)
}

function readCache(): Buffer | undefined {
  try {
    return readFileSync(cache)
  } catch {
    return undefined
  }
}

/** Where the package cannot be written, the next start compiles again. */
function writeCache(data: Buffer): void {
  const aside = `${cache}.${process.pid}`
  try {
    writeFileSync(aside, data)
    renameSync(aside, cache)
  } catch {
    rmSync(aside, { force: true })
  }
}

launch().catch((error: Error) => {
  process.stderr.write(`${error.stack}\n`)
  process.exit(1)
})
