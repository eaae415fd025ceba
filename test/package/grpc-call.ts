// One call of a method that takes an empty request.
import { Client, credentials } from '@grpc/grpc-js'

/** @returns the bytes of the answer, as far as they are text */
export function callGrpc(address: string, method: string): Promise<string> {
  const client = new Client(address, credentials.createInsecure())
  const asBytes = (bytes: Buffer) => bytes
  return new Promise<string>((resolve, reject) => {
    const deadline = new Date(Date.now() + 30_000)
    client.makeUnaryRequest(method, asBytes, asBytes, Buffer.alloc(0), { deadline }, (error, answer) => (error ? reject(error) : resolve(String(answer))))
  }).finally(() => client.close())
}
