// Ids that look like digests and follow from a text alone. Nothing rests on their being hard to guess.

/** @param length in hexadecimal digits */
export function hexDigest(text: string, length: number): string {
  let hex = ''
  for (let round = 1; hex.length < length; round++) hex += mix(text, round).toString(16).padStart(8, '0')
  return hex.slice(0, length)
}

// FNV-1a, then the finish of murmur3, so that alike texts do not look alike.
function mix(text: string, round: number): number {
  let value = Math.imul(round, 0x9e3779b1)
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}
