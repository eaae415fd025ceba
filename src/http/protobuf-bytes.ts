// The protobuf of objects: made once for each, when somebody asks for it first, and shared by every read and every watcher.
import { encodeObject, type KubeObject, ownBytes, type Shape } from '../machinery/index.js'

// What is in the log or was answered never changes, and neither do its bytes. They go when the object goes.
const known = new WeakMap<KubeObject, Buffer>()

/** @param sizeHint the size of its JSON */
export function protobufBytes(shape: Shape, object: KubeObject, sizeHint?: number): Buffer {
  const found = known.get(object)
  if (found) return found
  const bytes = fitted(encodeObject(shape, object, sizeHint))
  known.set(object, bytes)
  return bytes
}

// As Node 20 has it. Node 24 puts eight times as much into one piece of memory, which lives as long as anything in it.
const pooledBytesMax = 4096

/** A copy of the size it needs: the room in which it was written had more. */
function fitted(written: Buffer): Buffer {
  return written.length < pooledBytesMax ? Buffer.from(written) : ownBytes(written)
}
