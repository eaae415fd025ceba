// The short name of a pod template, by which its replicas are told apart from those of other templates.
// Upstream: pkg/controller/controller_utils.go ComputeHash, apimachinery/pkg/util/rand SafeEncodeString
// Differs: the digest is of the template's JSON, where upstream digests how Go prints it: other hashes, of the same look.

const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** @param collisionCount how often the name was taken already */
export function templateHash(template: unknown, collisionCount?: number): string {
  const text = JSON.stringify(template) + (collisionCount === undefined ? '' : `#${collisionCount}`)
  return [...String(fnv(text))].map((digit) => alphabet[digit.charCodeAt(0) % alphabet.length]).join('')
}

// FNV-1 of 32 bits, over UTF-16 units.
function fnv(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash, 0x01000193) ^ text.charCodeAt(index)
  return hash >>> 0
}
