// How many bytes a text takes in UTF-8. All limits of the API count bytes.

// Below this a call into Node costs more than it saves.
const shortMax = 100

export function byteLength(text: string): number {
  if (text.length > shortMax) return Buffer.byteLength(text)
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) >= 0x80) return Buffer.byteLength(text)
  return text.length
}
