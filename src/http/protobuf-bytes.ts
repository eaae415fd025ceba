// The protobuf of objects: made once for each, when somebody asks for it first, and shared by every read and every watcher.
import { encodeObject, type KubeObject, type Shape } from '../machinery/index.js'

// What is in the log or was answered never changes, and neither do its bytes. They go when the object goes.
const known = new WeakMap<KubeObject, Buffer>()

/** @param sizeHint the size of its JSON */
export function protobufBytes(shape: Shape, object: KubeObject, sizeHint?: number): Buffer {
  const found = known.get(object)
  if (found) return found
  // A copy has the size it needs; the room in which it was written had more.
  const bytes = Buffer.from(encodeObject(shape, object, sizeHint))
  known.set(object, bytes)
  return bytes
}
