// Memory that is written to again and again. V8 counts the memory of buffers and goes over the whole heap with every 64 MiB that were added, and
// what Node makes of texts is counted too: answers of hundreds of MiB would have it do nothing else.

const scratchBytes = 1280 * 1024
// So much stays when nobody needs it.
const spareMax = 2

const spare: Buffer[] = []

/** Room for the long texts of one write. */
export class Scratch {
  readonly #bytes = spare.pop() ?? Buffer.allocUnsafeSlow(scratchBytes)
  #end = 0

  /** The bytes of a text, which stand until `giveBack`. */
  encode(text: string): Buffer {
    // No character has more bytes than three.
    if (this.#end + text.length * 3 > scratchBytes && this.#end + Buffer.byteLength(text) > scratchBytes) return Buffer.from(text)
    const begin = this.#end
    this.#end += this.#bytes.write(text, begin)
    return this.#bytes.subarray(begin, this.#end)
  }

  /** What was encoded is in the hands of the operating system. */
  giveBack(): void {
    if (spare.length < spareMax) spare.push(this.#bytes)
  }
}
