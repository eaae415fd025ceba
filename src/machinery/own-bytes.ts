/** A copy in a piece of memory of its own and of its size: small Buffers share pieces, which are kept whole as long as anything in them. */
export function ownBytes(written: Buffer): Buffer {
  const bytes = Buffer.allocUnsafeSlow(written.length)
  written.copy(bytes)
  return bytes
}
