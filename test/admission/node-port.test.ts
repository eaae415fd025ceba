// Node ports and health check ports through the life of services: given, asked for, shared, kept, released, refused.
import { describe, expect, it } from 'vitest'
import type { Plain } from '../../src/machinery/index.js'
import { nodePorts, openServices, refusal } from './services.js'

const invalid = (name: string, error: string) => `422 Service "${name}" is invalid: ${error}`
const taken = 'provided port is already allocated'
const few = { serviceNodePortRange: { first: 30_000, last: 30_003 } }
const tcp = (port: number, more: Plain = {}) => ({ name: `tcp-${port}`, port, ...more })
const udp = (port: number, more: Plain = {}) => ({ name: `udp-${port}`, port, protocol: 'UDP', ...more })
const nodePort = { type: 'NodePort' }
const balancer = { type: 'LoadBalancer' }
const local = { type: 'LoadBalancer', externalTrafficPolicy: 'Local' }

describe('a new service', () => {
  it.each<[string, Plain, boolean, boolean]>([
    ['ClusterIP', {}, false, false],
    ['NodePort', nodePort, true, false],
    ['NodePort with local traffic', { ...nodePort, externalTrafficPolicy: 'Local' }, true, false],
    ['LoadBalancer', balancer, true, false],
    ['LoadBalancer with local traffic', local, true, true],
    ['LoadBalancer without node ports', { ...balancer, allocateLoadBalancerNodePorts: false }, false, false],
    ['LoadBalancer with local traffic and without node ports', { ...local, allocateLoadBalancerNodePorts: false }, false, true],
    ['ExternalName', { type: 'ExternalName', externalName: 'example.com' }, false, false],
  ])('of type %s gets what the type asks for', (_, spec, hasNodePort, hasHealthCheck) => {
    const made = openServices().make('web', spec)
    expect([made.spec.ports[0].nodePort !== undefined, made.spec.healthCheckNodePort !== undefined]).toEqual([hasNodePort, hasHealthCheck])
  })

  it('gets ports above the band for those who ask', () => {
    const services = openServices()
    const given = Array.from({ length: 50 }, (_, index) => nodePorts(services.make(`web-${index}`, nodePort))[0] as number)
    expect(Math.min(...given)).toBeGreaterThanOrEqual(30_086)
    expect(new Set(given).size).toBe(50)
  })

  it.each<[string, Plain, (number | undefined)[]]>([
    ['the port it asks for', { ports: [tcp(80, { nodePort: 30_080 })] }, [30_080]],
    ['one port for two protocols of a number', { ports: [tcp(53, { nodePort: 30_053 }), udp(53)] }, [30_053, 30_053]],
    ['one port for two protocols, whichever asks', { ports: [tcp(53), udp(53, { nodePort: 30_053 })] }, [30_053, 30_053]],
    ['two ports for two protocols that ask so', { ports: [tcp(53, { nodePort: 30_053 }), udp(53, { nodePort: 30_054 })] }, [30_053, 30_054]],
    [
      'only the port it asks for when it wants none',
      { ...balancer, allocateLoadBalancerNodePorts: false, ports: [tcp(80, { nodePort: 30_080 }), tcp(81)] },
      [30_080, undefined],
    ],
  ])('gets %s', (_, spec, expected) => {
    expect(nodePorts(openServices().make('web', { ...nodePort, ...spec }))).toEqual(expected)
  })

  it('gets one port for two protocols of a number also when nobody asks', () => {
    const [one, other, third] = nodePorts(openServices().make('dns', { ...nodePort, ports: [tcp(53), udp(53), tcp(9153)] }))
    expect(one).toBe(other)
    expect(third).not.toBe(one)
  })

  it.each<[string, Plain, string]>([
    [
      'below the range',
      { ...nodePort, ports: [tcp(80, { nodePort: 80 })] },
      invalid('web', 'spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767'),
    ],
    [
      'above the range',
      { ...nodePort, ports: [tcp(80), tcp(81, { nodePort: 32_768 })] },
      invalid('web', 'spec.ports[1].nodePort: Invalid value: 32768: provided port is not in the valid range. The range of valid ports is 30000-32767'),
    ],
    [
      'that another of its ports has',
      { ...nodePort, ports: [tcp(80, { nodePort: 30_080 }), udp(81, { nodePort: 30_080 })] },
      invalid('web', `spec.ports[1].nodePort: Invalid value: 30080: ${taken}`),
    ],
    [
      'for health checks that is out of range',
      { ...local, healthCheckNodePort: 80 },
      '500 Internal error occurred: failed to allocate requested HealthCheck NodePort 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
    ],
    [
      'for health checks that is a node port',
      { ...local, ports: [tcp(80, { nodePort: 30_080 })], healthCheckNodePort: 30_080 },
      `500 Internal error occurred: failed to allocate requested HealthCheck NodePort 30080: ${taken}`,
    ],
    [
      'for health checks that nobody makes',
      { ...balancer, healthCheckNodePort: 30_080 },
      invalid('web', "spec.healthCheckNodePort: Invalid value: 30080: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"),
    ],
    [
      'that its type has no use for',
      { ports: [tcp(80, { nodePort: 5 })] },
      invalid('web', "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"),
    ],
  ])('is refused a port %s', (_, spec, message) => {
    const services = openServices()
    expect(refusal(services.make('web', spec))).toBe(message)
    expect(services.addresses()).toEqual({})
  })

  it('is refused a port that another service has, be it for health checks', () => {
    const services = openServices()
    services.make('web', { ...local, ports: [tcp(80, { nodePort: 30_080 })], healthCheckNodePort: 30_081 })
    const asks = (port: number) => refusal(services.make('other', { ...nodePort, ports: [udp(80, { nodePort: port })] }))
    expect(asks(30_080)).toBe(invalid('other', `spec.ports[0].nodePort: Invalid value: 30080: ${taken}`))
    expect(asks(30_081)).toBe(invalid('other', `spec.ports[0].nodePort: Invalid value: 30081: ${taken}`))
    expect(refusal(services.make('other', { ...local, healthCheckNodePort: 30_080 }))).toMatch(/^500 .*already allocated$/)
  })
})

describe('the range', () => {
  it('is given out to the last port, then refuses, and has again what is released', () => {
    const services = openServices(few)
    const given = Array.from({ length: 4 }, (_, index) => nodePorts(services.make(`web-${index}`, nodePort))[0])
    expect([...given].sort()).toEqual([30_000, 30_001, 30_002, 30_003])
    expect(refusal(services.make('late', nodePort))).toBe('500 Internal error occurred: failed to allocate a nodePort: range is full')
    services.drop('web-2')
    expect(refusal(services.make('late', local))).toBe('500 Internal error occurred: failed to allocate a HealthCheck NodePort 0: range is full')
    expect(nodePorts(services.make('late', nodePort))).toEqual([given[2]])
  })

  it('leaves its lower band to those who ask until the upper one is full', () => {
    const services = openServices({ serviceNodePortRange: { first: 30_000, last: 30_019 } })
    const given = Array.from({ length: 20 }, (_, index) => nodePorts(services.make(`web-${index}`, nodePort))[0] as number)
    expect(given.slice(0, 4).sort()).toEqual([30_016, 30_017, 30_018, 30_019])
  })
})

describe('a trial run', () => {
  it('answers with ports and takes none', () => {
    const services = openServices()
    const trial = { dryRun: true }
    services.make('web', { ...nodePort, ports: [tcp(80, { nodePort: 30_080 })] })
    expect(nodePorts(services.make('a', { ...nodePort, ports: [tcp(80), tcp(81)] }, trial))).toEqual([32_769, 32_770])
    expect(nodePorts(services.make('a', { ...nodePort, ports: [tcp(80, { nodePort: 30_000 }), tcp(81)] }, trial))).toEqual([30_000, 30_001])
    expect(refusal(services.make('a', { ...nodePort, ports: [tcp(80, { nodePort: 30_080 })] }, trial))).toMatch(/already allocated$/)
    expect(nodePorts(services.make('a', { ...nodePort, ports: [tcp(80, { nodePort: 80 })] }, trial))).toEqual([80])
    expect(nodePorts(services.alter('web', { type: 'ClusterIP' }, trial))).toEqual([undefined])
    expect(nodePorts(services.read('web'))).toEqual([30_080])
  })
})

describe('a change', () => {
  const made = { ...nodePort, ports: [tcp(80, { nodePort: 30_080 }), tcp(443, { nodePort: 30_443 })] }

  it.each<[string, Plain, Plain, (number | undefined)[]]>([
    ['of what has nothing to do with them', made, { selector: { a: 'b' } }, [30_080, 30_443]],
    ['that leaves them out', made, { ports: [tcp(80), tcp(443)] }, [30_080, 30_443]],
    [
      'of numbers, by their names',
      made,
      {
        ports: [
          { name: 'tcp-80', port: 8080 },
          { name: 'tcp-443', port: 80 },
        ],
      },
      [30_080, 30_443],
    ],
    ['of order', made, { ports: [tcp(443), tcp(80)] }, [30_443, 30_080]],
    ['that exchanges them', made, { ports: [tcp(80, { nodePort: 30_443 }), tcp(443, { nodePort: 30_080 })] }, [30_443, 30_080]],
    ['to LoadBalancer', made, { type: 'LoadBalancer' }, [30_080, 30_443]],
    ['to ClusterIP', made, { type: 'ClusterIP' }, [undefined, undefined]],
    ['to ClusterIP with other ports', made, { type: 'ClusterIP', ports: [tcp(80, { nodePort: 30_443 })] }, [undefined]],
    ['to ExternalName', made, { type: 'ExternalName', externalName: 'example.com' }, [undefined, undefined]],
    ['of one of them', made, { ports: [tcp(80, { nodePort: 30_081 }), tcp(443)] }, [30_081, 30_443]],
    ['that wants none any longer', { ...made, ...balancer }, { allocateLoadBalancerNodePorts: false }, [30_080, 30_443]],
    ['that takes them away', { ...made, ...balancer }, { allocateLoadBalancerNodePorts: false, ports: [tcp(80), tcp(443)] }, [30_080, 30_443]],
    ['of protocols that share', { ...nodePort, ports: [tcp(53, { nodePort: 30_053 }), udp(53)] }, { ports: [tcp(53), udp(53)] }, [30_053, 30_053]],
    ['that adds a protocol with the same port', made, { ports: [tcp(80), udp(80, { nodePort: 30_080 })] }, [expect.any(Number), 30_080]],
  ])('%s', (_, before, change, expected) => {
    const services = openServices()
    services.make('web', before)
    expect(nodePorts(services.alter('web', change))).toEqual(expected)
  })

  it('from ClusterIP gives what is missing and keeps the address', () => {
    const services = openServices()
    const { clusterIP } = services.make('web', { ports: [tcp(80), tcp(443)] }).spec
    const changed = services.alter('web', { type: 'NodePort', ports: [tcp(80, { nodePort: 30_080 }), tcp(443)] })
    expect(changed.spec).toMatchObject({ clusterIP, externalTrafficPolicy: 'Cluster' })
    expect(nodePorts(changed)).toEqual([30_080, expect.any(Number)])
  })

  it('gives back what it no longer names', () => {
    const services = openServices()
    services.make('web', made)
    const asks = (port: number) => refusal(services.make(`on-${port}`, { ...nodePort, ports: [tcp(80, { nodePort: port })] }))
    expect(asks(30_443)).toMatch(/already allocated$/)
    services.alter('web', { ports: [tcp(80)] })
    expect([asks(30_443), asks(30_080)]).toEqual([undefined, expect.stringMatching(/already allocated$/)])
    services.alter('web', { type: 'ClusterIP' })
    expect(asks(30_080)).toBeUndefined()
  })

  it.each<[string, Plain, Plain, string]>([
    [
      'to a port out of range',
      made,
      { ports: [tcp(80, { nodePort: 80 })] },
      'spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
    ],
    ['to a port of another', made, { ports: [tcp(80, { nodePort: 30_999 })] }, `spec.ports[0].nodePort: Invalid value: 30999: ${taken}`],
    [
      'to ClusterIP and a new port',
      made,
      { type: 'ClusterIP', ports: [tcp(80, { nodePort: 30_081 })] },
      "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
    ],
  ])('%s is refused', (_, before, change, error) => {
    const services = openServices()
    services.make('other', { ...nodePort, ports: [tcp(80, { nodePort: 30_999 })] })
    services.make('web', before)
    expect(refusal(services.alter('web', change))).toBe(invalid('web', error))
    expect(nodePorts(services.read('web'))).toEqual([30_080, 30_443])
  })

  it('to one port twice is refused without a reason', () => {
    const services = openServices()
    services.make('web', made)
    const answer = services.alter('web', { ports: [tcp(80, { nodePort: 30_080 }), tcp(443, { nodePort: 30_080 })] })
    expect(answer).toMatchObject({ code: 500, message: 'duplicate nodePort: {TCP 30080}' })
    expect(answer.reason).toBeUndefined()
  })

  it('does not believe an ExternalName service to hold the ports it names', () => {
    const services = openServices()
    services.make('web', { type: 'ExternalName', externalName: 'example.com', ports: [tcp(80, { nodePort: 30_080 })] })
    services.make('other', { ...nodePort, ports: [tcp(80, { nodePort: 30_080 })] })
    expect(refusal(services.alter('web', { type: 'NodePort' }))).toMatch(/already allocated$/)
  })
})

describe('a health check port', () => {
  it('comes with local traffic, stays, and goes with it', () => {
    const services = openServices()
    services.make('web', balancer)
    const { healthCheckNodePort } = services.alter('web', { externalTrafficPolicy: 'Local' }).spec
    expect(healthCheckNodePort).toBeGreaterThanOrEqual(30_086)
    expect(services.alter('web', { healthCheckNodePort: undefined }).spec.healthCheckNodePort).toBe(healthCheckNodePort)
    expect(services.alter('web', { externalTrafficPolicy: 'Cluster' }).spec.healthCheckNodePort).toBeUndefined()
    expect(refusal(services.make('other', { ...local, healthCheckNodePort }))).toBeUndefined()
  })

  it.each<[string, Plain]>([
    ['NodePort', { type: 'NodePort' }],
    ['ClusterIP', { type: 'ClusterIP' }],
    ['ExternalName', { type: 'ExternalName', externalName: 'example.com' }],
  ])('goes with the balancer when the type becomes %s, and all that belongs to a balancer', (_, change) => {
    const services = openServices()
    services.make('web', { ...local, loadBalancerClass: 'example.com/lb', healthCheckNodePort: 30_001 })
    const ingress = [{ ip: '192.0.2.1' }]
    const balanced = services.change('v1/services', 'web', (object) => (object.status = { loadBalancer: { ingress } }), 'status')
    expect((balanced as Plain).status.loadBalancer.ingress).toEqual([{ ip: '192.0.2.1', ipMode: 'VIP' }])
    const { spec, status } = services.alter('web', change)
    const { healthCheckNodePort, allocateLoadBalancerNodePorts, loadBalancerClass, externalTrafficPolicy } = spec
    expect([healthCheckNodePort, allocateLoadBalancerNodePorts, loadBalancerClass]).toEqual([undefined, undefined, undefined])
    expect(externalTrafficPolicy).toBe(change.type === 'NodePort' ? 'Local' : undefined)
    expect(status).toEqual({ loadBalancer: {} })
    expect(refusal(services.make('other', { ...local, healthCheckNodePort: 30_001 }))).toBeUndefined()
  })

  it('never changes, and stays behind when somebody edits it on the way', () => {
    const services = openServices()
    services.make('web', { ...local, healthCheckNodePort: 30_001 })
    expect(refusal(services.alter('web', { healthCheckNodePort: 30_002 }))).toBe(invalid('web', 'spec.healthCheckNodePort: Forbidden: field is immutable'))
    expect(refusal(services.alter('web', { externalTrafficPolicy: 'Cluster', healthCheckNodePort: 30_002 }))).toMatch(/may only be set when/)
    expect(refusal(services.alter('web', { loadBalancerClass: 'example.com/lb' }))).toBe(
      invalid('web', 'spec.loadBalancerClass: Invalid value: "example.com/lb": may not change once set'),
    )
  })
})
