import { once } from 'node:events'
import { copyFileSync, cpSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { command, readyOf, spawnServer } from '../support/built-server.js'

it('what a run has compiled is taken by the next, which leaves it as it is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubedouble-compiled-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const root = join(dirname(command), '..')
  cpSync(dirname(command), join(folder, 'dist'), { recursive: true, filter: (file) => !file.endsWith('.cache') })
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const { NODE_OPTIONS: _, ...env } = process.env
  const run = async () => {
    const words = [
      process.execPath,
      join(folder, 'dist', 'kubedouble.js'),
      '--insecure-port',
      '0',
      '--secure-port',
      'off',
      '--grpc-port',
      'off',
      '--output',
      'json',
    ]
    const child = spawnServer(words, { stdio: ['ignore', 'pipe', 'inherit'], env })
    await readyOf(child)
    child.kill('SIGTERM')
    await once(child, 'exit')
    const caches = readdirSync(join(folder, 'dist')).filter((file) => file.endsWith('.cache'))
    return caches.map((file) => statSync(join(folder, 'dist', file)).ino)
  }
  const first = await run()
  expect(first).toHaveLength(1)
  expect(await run()).toEqual(first)
})
