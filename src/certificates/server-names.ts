// The names and addresses under which a server may be called.
import { isIP } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'

export interface Place {
  bindAddress: string
  /** The first address of each service network: where the API is found from inside. */
  serviceAddresses: readonly string[]
}

const always = ['localhost', '127.0.0.1', '::1', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local']

export function serverNames({ bindAddress, serviceAddresses }: Place): string[] {
  const isEverywhere = bindAddress === '0.0.0.0' || bindAddress === '::'
  const addresses = isEverywhere ? ownAddresses() : [bindAddress]
  return [...new Set([...always, ...serviceAddresses, ...addresses, ...hostNames()])]
}

/** Of loopback addresses only the bound server knows more names than `localhost`. */
export function isLoopback(address: string): boolean {
  return address === '::1' || (isIP(address) === 4 && address.startsWith('127.'))
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((each = []) => each.map(({ address }) => address).filter((address) => !address.startsWith('fe80:')))
}

/** A host name may be anything; a certificate holds DNS names. */
function hostNames(): string[] {
  const name = hostname().toLowerCase()
  return /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(name) ? [name] : []
}
