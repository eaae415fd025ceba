// A thousand objects of every kind, in JSON and in our protobuf, told to a Go program that has the real types.
//   tsx story.ts <the compiled program>
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { encodeObject } from '../../../src/machinery/index.js'
import { chanceObjects, servedKinds } from '../../support/chance-objects.js'

const objectsOfKind = 1000

const [program] = process.argv.slice(2)
if (!program) throw new Error('name the compiled program')
const child = spawn(program, { stdio: ['pipe', 'inherit', 'inherit'] })
const ended = once(child, 'close')
// It may end before it has heard everything.
child.stdin.on('error', () => {})
for (const kind of servedKinds()) {
  const name = Buffer.from(`${kind.apiVersion} ${kind.kind}`)
  const blocks: Buffer[] = []
  for (const object of chanceObjects(kind, objectsOfKind)) {
    for (const block of [name, Buffer.from(JSON.stringify(object)), encodeObject(kind.shape, object)]) blocks.push(lengthOf(block), block)
  }
  if (!child.stdin.write(Buffer.concat(blocks))) await Promise.race([once(child.stdin, 'drain'), ended])
}
child.stdin.end()
const [code] = await ended
process.exitCode = code ?? 1

function lengthOf({ length }: Buffer): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(length)
  return bytes
}
