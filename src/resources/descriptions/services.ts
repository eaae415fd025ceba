// Words about Services, and about the endpoints and addresses that belong to them.
import type { Descriptions } from './index.js'

const protocol = 'TCP, UDP or SCTP.'
const appProtocol =
  'What is spoken on top of the transport, for proxies that look inside: kubernetes.io/h2c, kubernetes.io/ws, a registered name, or a name of your own.'

export const serviceDescriptions: Descriptions = {
  'core/v1.Service': {
    '': 'A name and an address that stay the same, in front of pods that come and go.',
    spec: 'How the service is to be reached, and which pods stand behind it.',
    status: 'What the cluster has arranged; today that is the load balancer.',
  },
  'core/v1.ServiceSpec': {
    '': 'What is wanted of a service.',
    ports: 'The ports on which it is reached. A headless service and one of type ExternalName may do without.',
    selector: 'Labels of the pods behind it. Without a selector nobody but you fills in its endpoints.',
    clusterIP:
      'Its address inside the cluster, picked from the service range unless given. None makes the service headless: its name leads straight to the pods.',
    clusterIPs: 'All its cluster addresses, one for each IP family; the first is the clusterIP.',
    type: 'How far it reaches. ClusterIP: inside the cluster. NodePort: also on a port of every node. LoadBalancer: also through a balancer outside. ExternalName: an alias in DNS and nothing more.',
    externalIPs: 'Further addresses whose traffic nodes take for this service, if somebody brings it to them.',
    sessionAffinity: 'ClientIP sends the connections of one client to the same pod; None does not care.',
    loadBalancerIP: 'The address wanted from the balancer. Providers differ in what they make of it, and annotations have taken its place.',
    loadBalancerSourceRanges: 'The only networks that the balancer lets in, where the provider can do that.',
    externalName: 'The DNS name that a service of type ExternalName stands for.',
    externalTrafficPolicy:
      'Local keeps traffic from outside on the node where it arrived, and so keeps the address of the client; Cluster spreads it over all pods.',
    healthCheckNodePort: 'The port on which a node says whether it has pods of this service; only for type LoadBalancer with the external policy Local.',
    publishNotReadyAddresses: 'Lists pods as endpoints before they are ready, for those that must find each other while they start.',
    sessionAffinityConfig: 'Fine settings of sessionAffinity.',
    ipFamilies: 'IPv4, IPv6 or both, in order: the first is the primary one.',
    ipFamilyPolicy: 'SingleStack has one family, PreferDualStack two where the cluster has them, RequireDualStack two or none.',
    allocateLoadBalancerNodePorts: 'Whether a service of type LoadBalancer gets node ports too. Set it to false for balancers that reach pods directly.',
    loadBalancerClass: 'Who provides the balancer: the one with this name, or with no name the default provider. Fixed once set.',
    internalTrafficPolicy: 'Local keeps traffic of pods on their own node; Cluster spreads it.',
    trafficDistribution:
      'Which endpoints are liked better: PreferSameZone (also written PreferClose), or PreferSameNode. The others still serve when those are missing.',
  },
  'core/v1.ServicePort': {
    '': 'One port of a service, and where it leads.',
    name: 'Tells the ports of a service apart; needed as soon as there are two.',
    protocol,
    appProtocol,
    port: 'The port that clients use.',
    targetPort: 'The port of the pods: a number, or the name that a container gave one of its ports. As port when left out.',
    nodePort: 'The port on every node, picked from the node port range unless given.',
  },
  'core/v1.SessionAffinityConfig': { '': 'Fine settings of session affinity.', clientIP: 'For affinity by the address of the client.' },
  'core/v1.ClientIPConfig': {
    '': 'How clients are remembered by their address.',
    timeoutSeconds: 'For how long a client that sends nothing is remembered: up to a day, three hours by default.',
  },
  'core/v1.ServiceStatus': {
    '': 'What is the case with a service.',
    loadBalancer: 'Where the balancer can be reached, for type LoadBalancer.',
    conditions: 'Aspects of how it is doing.',
  },
  'core/v1.LoadBalancerStatus': { '': 'What a load balancer said of itself.', ingress: 'Each point at which it takes traffic in.' },
  'core/v1.LoadBalancerIngress': {
    '': 'One point at which a balancer takes traffic in: an address or a name.',
    ip: 'Its address.',
    hostname: 'Its DNS name.',
    ipMode: 'VIP when packets reach the node still addressed to the balancer, Proxy when the balancer addresses the node or pod itself.',
    ports: 'The ports it serves, and what went wrong with any of them.',
  },
  'core/v1.PortStatus': {
    '': 'How one port of a balancer is doing.',
    port: 'Number of the port.',
    protocol,
    error: 'Why the port does not work, in one word; absent when it does.',
  },
  'core/v1.Endpoints': {
    '': 'All addresses behind a service of the same name. Superseded by EndpointSlice, which does not grow without end.',
    subsets: 'Groups of addresses that share their ports.',
  },
  'core/v1.EndpointSubset': {
    '': 'Addresses and ports: every address serves every port.',
    addresses: 'Those that are ready for traffic.',
    notReadyAddresses: 'Those that are not, because they start, fail their probes or end.',
    ports: 'The ports, as the pods know them.',
  },
  'core/v1.EndpointAddress': {
    '': 'One address that serves.',
    ip: 'The address; never a loopback or link-local one.',
    hostname: 'The name under which DNS knows it below the name of the service.',
    nodeName: 'The node it is on.',
    targetRef: 'The object it belongs to, most often a pod.',
  },
  'core/v1.EndpointPort': {
    '': 'One port that serves.',
    name: 'The name of the port in the service; empty where the service has just one without a name.',
    port: 'The number.',
    protocol,
    appProtocol,
  },
  'discovery/v1.EndpointSlice': {
    '': 'A part of the endpoints of a service. The label kubernetes.io/service-name says of which; all slices together are the whole.',
    addressType: 'What the addresses are: IPv4, IPv6, or FQDN. Fixed once the slice exists.',
    endpoints: 'The endpoints, a thousand at most.',
    ports: 'The ports that each of them serves. An empty list means none, as a headless service may have it.',
  },
  'discovery/v1.Endpoint': {
    '': 'One backend: a pod, as a rule.',
    addresses: 'Its addresses. Whoever reads them takes the first.',
    conditions: 'Whether it may be sent traffic.',
    hostname: 'The name under which DNS knows it below the name of the service.',
    targetRef: 'The object behind it.',
    deprecatedTopology: 'Labels of its node, as an older version of the API had them. Read only.',
    nodeName: 'The node it is on.',
    zone: 'The zone it is in.',
    hints: 'Who should prefer it.',
  },
  'discovery/v1.EndpointConditions': {
    '': 'What an endpoint is able to do at present.',
    ready: 'Takes new connections. Absent counts as true.',
    serving: 'Answers, even when it is about to end. As ready, but for endpoints that end.',
    terminating: 'Is about to end.',
  },
  'discovery/v1.EndpointHints': {
    '': 'Who should send traffic to an endpoint, so that it stays near.',
    forZones: 'The zones it is meant for.',
    forNodes: 'The nodes it is meant for.',
  },
  'discovery/v1.ForZone': { '': 'A zone for which an endpoint is meant.', name: 'Name of the zone.' },
  'discovery/v1.ForNode': { '': 'A node for which an endpoint is meant.', name: 'Name of the node.' },
  'discovery/v1.EndpointPort': {
    '': 'A port that the endpoints of a slice serve.',
    name: 'The name of the port in the service, once in a slice.',
    protocol,
    port: 'The number. Absent it stands for every port, to be taken as the context says.',
    appProtocol,
  },
  'networking/v1.IPAddress': {
    '': 'An address that is taken, named after itself: that is how two services never get the same one.',
    spec: 'Who took it.',
  },
  'networking/v1.IPAddressSpec': { '': 'Who took an address.', parentRef: 'The object that has it, a service as a rule.' },
  'networking/v1.ParentReference': {
    '': 'Names the object that an address belongs to.',
    group: 'Its API group.',
    resource: 'Its resource, in the plural.',
    namespace: 'Its namespace.',
    name: 'Its name.',
  },
  'networking/v1.ServiceCIDR': {
    '': 'A range from which services get their cluster addresses. There may be several at once.',
    spec: 'The range.',
    status: 'Whether addresses may be taken from it.',
  },
  'networking/v1.ServiceCIDRSpec': {
    '': 'One range of addresses, or one of each IP family.',
    cidrs: 'The ranges, like 10.0.0.0/24 or fd00::/112. Fixed once the object exists.',
  },
  'networking/v1.ServiceCIDRStatus': { '': 'How a range is doing.', conditions: 'Ready says whether addresses are taken from it.' },
}
