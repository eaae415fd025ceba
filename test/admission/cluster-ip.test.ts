// Cluster IPs through the life of services: given, asked for, kept, released, refused; one family or two.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Plain, parseIP } from '../../src/machinery/index.js'
import { ipAddress, serviceCIDR } from '../../src/resources/index.js'
import { nodePorts, openServices, refusal, type Services } from './services.js'

const servicecidrs = 'networking.k8s.io/v1/servicecidrs'
const ipaddresses = 'networking.k8s.io/v1/ipaddresses'
const dual = { serviceClusterIPRanges: [{ cidr: '10.96.0.0/24' }, { cidr: 'fd00:10:96::/112' }] }
const tiny = { serviceClusterIPRanges: [{ cidr: '10.96.0.0/29' }] }
const invalid = (name: string, error: string) => `422 Service "${name}" is invalid: ${error}`
const spec = ({ spec }: Plain) => ({ ips: spec.clusterIPs, families: spec.ipFamilies, policy: spec.ipFamilyPolicy })

describe('a new service', () => {
  it('gets an address of the range above the band for those who ask, and an object that says so', () => {
    const services = openServices()
    const { spec } = services.make('web')
    expect(spec).toMatchObject({ clusterIPs: [spec.clusterIP], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' })
    expect(parseIP(spec.clusterIP)!.value).toBeGreaterThan(parseIP('10.96.1.0')!.value)
    expect(services.addresses()).toEqual({ [spec.clusterIP]: 'web' })
    const [address] = services.realm.store.list(ipAddress.key)
    expect(address.object).toMatchObject({
      metadata: {
        name: spec.clusterIP,
        labels: { 'ipaddress.kubernetes.io/ip-family': 'IPv4', 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' },
        managedFields: [{ manager: 'kube-apiserver', operation: 'Update' }],
      },
      spec: { parentRef: { resource: 'services', namespace: 'samples', name: 'web' } },
    })
  })

  it('gets the same from the same seed', () => {
    const [one, other] = [openServices(), openServices()]
    expect(one.make('web').spec.clusterIP).toBe(other.make('web').spec.clusterIP)
  })

  it.each<[string, Plain, Plain]>([
    ['the address it asks for', { clusterIP: '10.96.0.10' }, { ips: ['10.96.0.10'], families: ['IPv4'], policy: 'SingleStack' }],
    ['the address as it is written', { clusterIP: '010.96.0.10' }, { ips: ['010.96.0.10'], families: ['IPv4'], policy: 'SingleStack' }],
    ['none when it is headless', { clusterIP: 'None', selector: { a: 'b' } }, { ips: ['None'], families: ['IPv4'], policy: 'SingleStack' }],
    ['both families when it is headless without a selector', { clusterIP: 'None' }, { ips: ['None'], families: ['IPv4', 'IPv6'], policy: 'RequireDualStack' }],
    [
      'one family when it is headless and says so',
      { clusterIP: 'None', ipFamilyPolicy: 'SingleStack' },
      { ips: ['None'], families: ['IPv4'], policy: 'SingleStack' },
    ],
    ['nothing when it is a name', { type: 'ExternalName', externalName: 'example.com' }, {}],
  ])('gets %s', (_, asked, expected) => {
    expect(spec(openServices().make('web', asked))).toEqual({ ips: undefined, families: undefined, policy: undefined, ...expected })
  })

  it.each<[string, Plain, string]>([
    [
      'outside of all ranges',
      { clusterIP: '8.8.8.8' },
      'spec.clusterIPs: Invalid value: ["8.8.8.8"]: failed to allocate IP 8.8.8.8: the provided network does not match the current range',
    ],
    [
      "that is the network's own",
      { clusterIP: '10.96.0.0' },
      'spec.clusterIPs: Invalid value: ["10.96.0.0"]: failed to allocate IP 10.96.0.0: the provided network does not match the current range',
    ],
    [
      'for broadcasts',
      { clusterIP: '10.96.255.255' },
      'spec.clusterIPs: Invalid value: ["10.96.255.255"]: failed to allocate IP 10.96.255.255: the provided network does not match the current range',
    ],
    ['of a family that is not there', { clusterIP: 'fd00::1' }, 'spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster'],
    ['that is none', { clusterIP: 'x' }, 'spec.clusterIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
    ['in the list alone', { clusterIPs: ['10.96.0.9'] }, 'spec.clusterIPs: Invalid value: ["10.96.0.9"]: must be empty when `clusterIP` is not specified'],
    [
      'that differs from the list',
      { clusterIP: '10.96.0.8', clusterIPs: ['10.96.0.9'] },
      'spec.clusterIPs: Invalid value: ["10.96.0.9"]: first value must match `clusterIP`',
    ],
    [
      'twice',
      { clusterIP: '10.96.0.8', clusterIPs: ['10.96.0.8', '10.96.0.9'], ipFamilyPolicy: 'PreferDualStack' },
      'spec.clusterIPs: Invalid value: ["10.96.0.8","10.96.0.9"]: may specify no more than one IP for each IP family',
    ],
    [
      'beside None',
      { clusterIP: 'None', clusterIPs: ['None', '10.96.0.9'] },
      'spec.clusterIPs: Invalid value: ["None","10.96.0.9"]: \'None\' must be the first and only value',
    ],
    [
      'of another family than it says',
      { clusterIP: '10.96.0.8', ipFamilies: ['IPv6'] },
      'spec.clusterIPs[0]: Invalid value: "10.96.0.8": expected an IPv6 value as indicated by `ipFamilies[0]`',
    ],
  ])('is refused an address %s', (_, asked, error) => {
    const services = openServices()
    expect(refusal(services.make('web', asked))).toBe(invalid('web', error))
    expect(services.addresses()).toEqual({})
  })

  it('is refused an address that is taken, however it is written', () => {
    const services = openServices()
    services.make('web', { clusterIP: '10.96.0.10' })
    expect(refusal(services.make('other', { clusterIP: '10.96.0.10' }))).toBe(
      invalid('other', 'spec.clusterIPs: Invalid value: ["10.96.0.10"]: failed to allocate IP 10.96.0.10: provided IP is already allocated'),
    )
    expect(refusal(services.make('other', { clusterIP: '010.96.0.10' }))).toMatch(/already allocated$/)
  })

  it('is refused an address whose object somebody deleted, while a service lives on it', () => {
    const services = openServices()
    services.make('web', { clusterIP: '10.96.0.10' })
    services.remove(ipaddresses, '10.96.0.10')
    expect(refusal(services.make('other', { clusterIP: '10.96.0.10' }))).toMatch(/already allocated$/)
    services.drop('web')
    expect(refusal(services.make('other', { clusterIP: '10.96.0.10' }))).toBeUndefined()
  })

  it('is refused an address that somebody keeps for something else', () => {
    const services = openServices()
    services.create(ipaddresses, { metadata: { name: '10.96.0.10' }, spec: { parentRef: { group: 'example.com', resource: 'gateways', name: 'g' } } })
    expect(refusal(services.make('web', { clusterIP: '10.96.0.10' }))).toMatch(/already allocated$/)
  })

  it('takes no address when something else is wrong with it', () => {
    const services = openServices()
    expect(refusal(services.make('web', { ports: [{ port: 0 }] }))).toMatch(/must be between 1 and 65535/)
    services.make('web')
    expect(refusal(services.make('web'))).toBe('409 services "web" already exists')
    expect(Object.keys(services.addresses())).toHaveLength(1)
  })

  it('is told of its address before all else that is wrong', () => {
    expect(refusal(openServices().make('web', { clusterIP: '8.8.8.8', ports: [{ port: 99999 }] }))).not.toMatch(/99999/)
  })
})

describe('a range', () => {
  it('is given out to the last address, then refuses, and has again what is released', () => {
    const services = openServices(tiny)
    const given = Array.from({ length: 6 }, (_, index) => services.make(`web-${index}`).spec.clusterIP)
    expect([...given].sort()).toEqual(['10.96.0.1', '10.96.0.2', '10.96.0.3', '10.96.0.4', '10.96.0.5', '10.96.0.6'])
    expect(refusal(services.make('late'))).toBe('500 Internal error occurred: failed to allocate a serviceIP: range is full')
    services.drop('web-3')
    expect(services.make('late').spec.clusterIP).toBe(given[3])
  })

  it('leaves its lower band to those who ask until the upper one is full', () => {
    const services = openServices({ serviceClusterIPRanges: [{ cidr: '10.96.0.0/27' }] })
    const given = Array.from({ length: 30 }, (_, index) => Number(services.make(`web-${index}`).spec.clusterIP.split('.')[3]))
    expect(Math.min(...given.slice(0, 14))).toBe(17)
    expect(Math.max(...given.slice(14))).toBe(16)
  })

  it('of IPv6 has its last address too', () => {
    const services = openServices({ serviceClusterIPRanges: [{ cidr: 'fd00::/125' }] })
    const given = Array.from({ length: 7 }, (_, index) => services.make(`web-${index}`).spec.clusterIP)
    expect([...given].sort()).toEqual(['fd00::1', 'fd00::2', 'fd00::3', 'fd00::4', 'fd00::5', 'fd00::6', 'fd00::7'])
  })

  it('may be as wide as IPv6 goes', () => {
    const services = openServices({ serviceClusterIPRanges: [{ cidr: 'fd00::/64' }] })
    expect(parseIP(services.make('web').spec.clusterIP)!.value > parseIP('fd00::1:0:0')!.value).toBe(true)
  })
})

describe('a ServiceCIDR', () => {
  const fill = (services: Services) => {
    for (let index = 0; index < 6; index++) services.make(`web-${index}`)
  }

  it('adds its addresses to those of the server', () => {
    const services = openServices(tiny)
    fill(services)
    services.create(servicecidrs, { metadata: { name: 'more' }, spec: { cidrs: ['192.168.7.0/24', 'fd00::/112'] } })
    expect(services.make('late').spec.clusterIP).toMatch(/^192\.168\.7\./)
    expect(services.make('asks', { clusterIP: '192.168.7.9' }).spec.clusterIP).toBe('192.168.7.9')
  })

  it('adds none while it is not ready or on its way out, and loses those of the server with the default one', () => {
    const services = openServices(tiny)
    services.create(servicecidrs, { metadata: { name: 'kubernetes', finalizers: ['example.com/hold'] }, spec: { cidrs: ['10.96.0.0/29'] } })
    services.create(servicecidrs, { metadata: { name: 'more' }, spec: { cidrs: ['192.168.7.0/24'] } })
    const ready = { type: 'Ready', status: 'False', reason: 'Testing', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' }
    services.change(servicecidrs, 'more', (object) => (object.status = { conditions: [ready] }), 'status')
    expect(refusal(services.make('asks', { clusterIP: '192.168.7.9' }))).toMatch(/does not match the current range$/)
    services.remove(servicecidrs, 'kubernetes')
    expect(services.realm.store.get(serviceCIDR.key, { namespace: '', name: 'kubernetes' })).toBeDefined()
    expect(refusal(services.make('web'))).toMatch(/range is full$/)
    services.change(servicecidrs, 'more', (object) => (object.status = { conditions: [{ ...ready, status: 'True' }] }), 'status')
    expect(services.make('web').spec.clusterIP).toMatch(/^192\.168\.7\./)
  })
})

describe('a trial run', () => {
  it('answers with an address and takes none', () => {
    const services = openServices()
    expect(services.make('web', {}, { dryRun: true }).spec).toMatchObject({ clusterIP: '10.96.0.0', clusterIPs: ['10.96.0.0'] })
    expect(services.make('web', { clusterIP: '10.96.0.10' }, { dryRun: true }).spec.clusterIP).toBe('10.96.0.10')
    expect(refusal(services.make('web', { clusterIP: '8.8.8.8' }, { dryRun: true }))).toMatch(
      /the provided IP \(8\.8\.8\.8\) is not in the valid range\. The range of valid IPs is 10\.96\.0\.0\/16$/,
    )
    expect(services.addresses()).toEqual({})
  })

  it('of a release releases nothing', () => {
    const services = openServices()
    services.make('web', { clusterIP: '10.96.0.10' })
    expect(services.alter('web', { type: 'ExternalName', externalName: 'example.com' }, { dryRun: true }).spec.clusterIP).toBeUndefined()
    services.remove('v1/services', 'web', { dryRun: ['All'] })
    expect(services.addresses()).toEqual({ '10.96.0.10': 'web' })
  })
})

describe('a change', () => {
  it('keeps the address of a client that does not know it', () => {
    const services = openServices()
    const before = services.make('web')
    expect(spec(services.put('web', { ports: [{ port: 81 }] }))).toEqual(spec(before))
    expect(spec(services.alter('web', { clusterIP: '', clusterIPs: undefined }))).toEqual(spec(before))
    expect(spec(services.alter('web', { clusterIP: '' }))).toEqual(spec(before))
  })

  it.each<[string, Plain, Plain, string]>([
    ['another address', {}, { clusterIP: '10.96.0.77' }, 'spec.clusterIPs[0]: Invalid value: ["10.96.0.77"]: may not change once set'],
    ['None', {}, { clusterIP: 'None' }, 'spec.clusterIPs[0]: Invalid value: ["None"]: may not change once set'],
    [
      'an address after None',
      { clusterIP: 'None', selector: { a: 'b' } },
      { clusterIP: '10.96.0.77' },
      'spec.clusterIPs[0]: Invalid value: ["10.96.0.77"]: may not change once set',
    ],
    [
      'node ports after None',
      { clusterIP: 'None', selector: { a: 'b' } },
      { type: 'NodePort' },
      'spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for NodePort services',
    ],
    [
      'a balancer after None',
      { clusterIP: 'None', selector: { a: 'b' } },
      { type: 'LoadBalancer' },
      'spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for LoadBalancer services',
    ],
  ])('to %s is refused', (_, made, asked, error) => {
    const services = openServices()
    services.make('web', made)
    const before = services.addresses()
    expect(refusal(services.alter('web', asked))).toBe(invalid('web', error))
    expect(services.addresses()).toEqual(before)
  })

  it('to a name gives the address back, and back again takes a new one', () => {
    const services = openServices()
    services.make('web', { clusterIP: '10.96.0.10', type: 'NodePort' })
    const named = services.alter('web', { type: 'ExternalName', externalName: 'example.com' })
    expect(spec(named)).toEqual({ ips: undefined, families: undefined, policy: undefined })
    expect(named.spec).toMatchObject({ ports: [{ port: 80 }], sessionAffinity: 'None' })
    expect(named.spec.internalTrafficPolicy).toBeUndefined()
    expect(nodePorts(named)).toEqual([undefined])
    expect(services.addresses()).toEqual({})
    const again = services.alter('web', { type: 'ClusterIP' })
    expect(again.spec).toMatchObject({ externalName: 'example.com', ipFamilies: ['IPv4'], internalTrafficPolicy: 'Cluster' })
    expect(services.addresses()).toEqual({ [again.spec.clusterIP]: 'web' })
  })

  it('to a name and to another address at once is refused', () => {
    const services = openServices()
    services.make('web', { clusterIP: '10.96.0.10' })
    expect(refusal(services.alter('web', { type: 'ExternalName', externalName: 'example.com', clusterIP: '10.96.0.11', clusterIPs: ['10.96.0.11'] }))).toBe(
      invalid('web', 'spec.clusterIPs: Forbidden: may not be set for ExternalName services'),
    )
    expect(services.addresses()).toEqual({ '10.96.0.10': 'web' })
  })
})

describe('a deleted service', () => {
  it('gives its address back, and its endpoints go', () => {
    const services = openServices()
    services.make('web')
    services.create('v1/endpoints', { metadata: { name: 'web' } })
    services.create('v1/endpoints', { metadata: { name: 'other' } })
    services.drop('web')
    expect(services.addresses()).toEqual({})
    expect(services.realm.store.list('v1/endpoints').map(({ name }) => name)).toEqual(['other'])
  })

  it('keeps it while a finalizer keeps the service, and not longer', () => {
    const services = openServices()
    services.create('v1/services', { metadata: { name: 'web', finalizers: ['example.com/hold'] }, spec: { ports: [{ port: 80 }], clusterIP: '10.96.0.10' } })
    services.drop('web')
    expect(services.addresses()).toEqual({ '10.96.0.10': 'web' })
    services.change('v1/services', 'web', ({ metadata }) => delete metadata.finalizers, 'status')
    expect(refusal(services.read('web'))).toBe('404 services "web" not found')
    expect(services.addresses()).toEqual({})
  })

  it('leaves nothing behind when it changes its type with its last breath', () => {
    const services = openServices()
    const name = { type: 'ExternalName', externalName: 'example.com' }
    for (const [from, to] of [
      [name, { type: 'ClusterIP' }],
      [{}, name],
    ]) {
      services.create('v1/services', { metadata: { name: 'web', finalizers: ['example.com/hold'] }, spec: { ports: [{ port: 80 }], ...from } })
      services.drop('web')
      services.change('v1/services', 'web', ({ metadata, spec }) => {
        delete metadata.finalizers
        Object.assign(spec, to)
      })
      expect(refusal(services.read('web'))).toBe('404 services "web" not found')
      expect(services.addresses()).toEqual({})
    }
  })

  it('leaves an address alone that is no longer its own', () => {
    const services = openServices()
    services.make('web', { clusterIP: '10.96.0.10' })
    services.remove(ipaddresses, '10.96.0.10')
    services.create(ipaddresses, { metadata: { name: '10.96.0.10' }, spec: { parentRef: { group: 'example.com', resource: 'gateways', name: 'g' } } })
    services.drop('web')
    expect(services.addresses()).toEqual({ '10.96.0.10': 'g' })
  })
})

describe('on a cluster of two families', () => {
  it.each<[string, Plain, Plain]>([
    ['one of the first family', {}, { ips: [4], families: ['IPv4'], policy: 'SingleStack' }],
    ['one of the family it names', { ipFamilies: ['IPv6'] }, { ips: [6], families: ['IPv6'], policy: 'SingleStack' }],
    ['one of the family it asks for', { clusterIP: 'fd00:10:96::8' }, { ips: [6], families: ['IPv6'], policy: 'SingleStack' }],
    ['two when it prefers', { ipFamilyPolicy: 'PreferDualStack' }, { ips: [4, 6], families: ['IPv4', 'IPv6'], policy: 'PreferDualStack' }],
    ['two when it must', { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6'] }, { ips: [6, 4], families: ['IPv6', 'IPv4'], policy: 'RequireDualStack' }],
    [
      'those two it asks for',
      { ipFamilyPolicy: 'PreferDualStack', clusterIP: 'fd00:10:96::8', clusterIPs: ['fd00:10:96::8', '10.96.0.8'] },
      { ips: [6, 4], families: ['IPv6', 'IPv4'], policy: 'PreferDualStack' },
    ],
  ])('a service gets %s', (_, asked, expected) => {
    const services = openServices(dual)
    const made = services.make('web', asked)
    const ipVersion = (ip: string) => (ip.includes(':') ? 6 : 4)
    expect({ ...spec(made), ips: made.spec.clusterIPs?.map(ipVersion) }).toEqual(expected)
    expect(made.spec.clusterIP).toBe(made.spec.clusterIPs[0])
    expect(services.addresses()).toEqual(Object.fromEntries(made.spec.clusterIPs.map((ip: string) => [ip, 'web'])))
  })

  it.each<[Plain, string]>([
    [
      { ipFamilies: ['IPv4', 'IPv6'] },
      "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified",
    ],
    [{ ipFamilies: ['IPv4', 'IPv4'], ipFamilyPolicy: 'PreferDualStack' }, 'spec.ipFamilies[1]: Duplicate value: "IPv4"'],
    [{ ipFamilyPolicy: 'Both' }, 'spec.ipFamilyPolicy: Unsupported value: "Both": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"'],
  ])('%j is refused', (asked, error) => {
    expect(refusal(openServices(dual).make('web', asked))).toBe(invalid('web', error))
  })

  it('a refused second address leaves the first one free', () => {
    const services = openServices(dual)
    services.make('web', { clusterIP: 'fd00:10:96::8' })
    const asked = { ipFamilyPolicy: 'RequireDualStack', clusterIP: '10.96.0.8', clusterIPs: ['10.96.0.8', 'fd00:10:96::8'] }
    expect(refusal(services.make('other', asked))).toBe(
      invalid('other', 'spec.clusterIPs: Invalid value: ["10.96.0.8","fd00:10:96::8"]: failed to allocate IP fd00:10:96::8: provided IP is already allocated'),
    )
    expect(services.addresses()).toEqual({ 'fd00:10:96::8': 'web' })
  })

  it('a service goes from one to two and back, and its first address stays', () => {
    const services = openServices(dual)
    const { clusterIP } = services.make('web').spec
    const two = services.alter('web', { ipFamilyPolicy: 'RequireDualStack' })
    expect(spec(two)).toMatchObject({ ips: [clusterIP, expect.stringContaining('fd00:')], families: ['IPv4', 'IPv6'] })
    expect(Object.keys(services.addresses()).sort()).toEqual([...two.spec.clusterIPs].sort())
    expect(spec(services.alter('web', { ipFamilyPolicy: 'SingleStack' }))).toEqual({ ips: [clusterIP], families: ['IPv4'], policy: 'SingleStack' })
    expect(services.addresses()).toEqual({ [clusterIP]: 'web' })
    expect(services.alter('web', { ipFamilyPolicy: 'PreferDualStack', clusterIPs: [clusterIP, 'fd00:10:96::8'] }).spec.clusterIPs).toEqual([
      clusterIP,
      'fd00:10:96::8',
    ])
  })

  it.each<[string, (made: Plain) => Plain, string]>([
    [
      'address',
      ({ clusterIPs }) => ({ clusterIPs: clusterIPs.slice(0, 1) }),
      'spec.ipFamilyPolicy: Invalid value: "PreferDualStack": must be \'SingleStack\' to release the secondary cluster IP',
    ],
    [
      'family',
      ({ ipFamilies }) => ({ ipFamilies: ipFamilies.slice(0, 1) }),
      'spec.ipFamilyPolicy: Invalid value: "PreferDualStack": must be \'SingleStack\' to release the secondary IP family',
    ],
    ['order', ({ ipFamilies }) => ({ ipFamilies: [...ipFamilies].reverse() }), '[spec.clusterIPs[0]: '],
  ])('the second %s does not go without the policy', (_, change, error) => {
    const services = openServices(dual)
    const made = services.make('web', { ipFamilyPolicy: 'PreferDualStack' })
    expect(refusal(services.alter('web', change(made.spec)))).toContain(invalid('web', error))
    expect(spec(services.read('web'))).toEqual(spec(made))
    expect(Object.keys(services.addresses())).toHaveLength(2)
  })

  it('a service that preferred two when there was one family is left alone', () => {
    const services = openServices()
    const made = services.make('web', { ipFamilyPolicy: 'PreferDualStack' })
    expect(spec(made)).toMatchObject({ families: ['IPv4'], policy: 'PreferDualStack' })
    expect(spec(services.alter('web', { selector: { a: 'c' } }))).toEqual(spec(made))
  })

  it('a name gives both back', () => {
    const services = openServices(dual)
    services.make('web', { ipFamilyPolicy: 'PreferDualStack' })
    services.alter('web', { type: 'ExternalName', externalName: 'example.com' })
    expect(services.addresses()).toEqual({})
  })
})

describe('whatever is asked', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd')
  const asked = fc.record(
    {
      type: fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'),
      clusterIP: fc.constantFrom('', 'None', '10.96.0.1', '10.96.0.2', '010.96.0.1', 'fd00::1', 'fd00::2'),
      ipFamilyPolicy: fc.constantFrom('SingleStack', 'PreferDualStack', 'RequireDualStack'),
      externalTrafficPolicy: fc.constantFrom('Cluster', 'Local'),
      healthCheckNodePort: fc.constantFrom(0, 30_001),
      ports: fc.uniqueArray(
        fc.record({ port: fc.integer({ min: 1, max: 3 }), nodePort: fc.integer({ min: 0, max: 3 }).map((port) => port && 30_000 + port) }),
        {
          minLength: 1,
          maxLength: 3,
          selector: ({ port }) => port,
        },
      ),
    },
    { requiredKeys: [] },
  )
  const balanced = asked.map((spec) => ({ ...spec, type: 'LoadBalancer', externalTrafficPolicy: 'Local' }))
  const step = fc.tuple(fc.constantFrom('make', 'alter', 'put', 'drop'), name, fc.oneof(asked, balanced))

  it('no two services hold one address or port, every address has its object, and no object outlives its service', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const services = openServices({
          serviceClusterIPRanges: [{ cidr: '10.96.0.0/29' }, { cidr: 'fd00::/125' }],
          serviceNodePortRange: { first: 30_000, last: 30_005 },
        })
        for (const [verb, name, spec] of steps) {
          const named = spec.ports?.map((port, index) => ({ ...port, name: `p${index}` }))
          const whole = { externalName: 'example.com', ...spec, ...(named ? { ports: named } : {}) }
          if (verb === 'drop') services.drop(name)
          else services[verb as 'make'](name, verb === 'put' ? { ports: [{ port: 80 }], ...whole } : whole)
        }
        const present = ['a', 'b', 'c', 'd'].map(services.read).filter((answer) => !refusal(answer))
        const held = present.flatMap(({ metadata, spec }) =>
          (spec.clusterIPs ?? []).flatMap((ip: string) => (ip === 'None' ? [] : [[parseIP(ip)!.text, metadata.name]])),
        )
        const ports = present.flatMap(({ spec }) => [
          ...new Set([
            ...spec.ports.flatMap(({ nodePort }: Plain) => (nodePort && spec.type !== 'ExternalName' ? [nodePort] : [])),
            ...(spec.healthCheckNodePort ? [spec.healthCheckNodePort] : []),
          ]),
        ])
        expect(new Set(held.map(([ip]) => ip)).size).toBe(held.length)
        expect(services.addresses()).toEqual(Object.fromEntries(held))
        expect(new Set(ports).size).toBe(ports.length)
        services.realm.store.close()
      }),
      { numRuns: 500 },
    )
  })
})
