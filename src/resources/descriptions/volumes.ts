// Words about the volumes of pods.
import type { Descriptions } from './index.js'

const defaultMode = 'Permissions of files that do not say otherwise; 0644 unless given.'
const items = 'Entries that become files, and under which names. All of them unless given.'
const optional = 'Whether it may be missing.'
const readOnly = 'Forbids to write.'
const fsType = 'The file system on it.'
const former = (what: string) => `${what} The driver that was built in is gone: a CSI driver does the work, or nobody.`

export const volumeDescriptions: Descriptions = {
  'core/v1.Volume': { '': 'Storage that the containers of a pod may mount. It has one source.', name: 'The name by which containers speak of it.' },
  'core/v1.VolumeSource': {
    hostPath: 'A file or folder of the node.',
    emptyDir: 'A folder that is empty at first and goes with the pod.',
    gcePersistentDisk: former('A disk of Google Compute Engine.'),
    awsElasticBlockStore: former('A disk of Amazon EBS.'),
    gitRepo: 'A Git repository, fetched at the start. Disabled; an init container does it better.',
    secret: 'The entries of a Secret as files.',
    nfs: 'A share of an NFS server.',
    iscsi: 'A disk of an iSCSI target.',
    glusterfs: former('A volume of Gluster.'),
    persistentVolumeClaim: 'What a PersistentVolumeClaim got.',
    rbd: former('An image of Ceph RBD.'),
    flexVolume: 'A volume of a FlexVolume driver, the forerunner of CSI.',
    cinder: former('A disk of OpenStack Cinder.'),
    cephfs: former('A share of CephFS.'),
    flocker: former('A dataset of Flocker.'),
    downwardAPI: 'Facts about the pod as files.',
    fc: 'A disk of a Fibre Channel network.',
    azureFile: former('A share of Azure Files.'),
    configMap: 'The entries of a ConfigMap as files.',
    vsphereVolume: former('A disk of vSphere.'),
    quobyte: former('A volume of Quobyte.'),
    azureDisk: former('A disk of Azure.'),
    photonPersistentDisk: former('A disk of Photon Controller.'),
    projected: 'Several sources in one folder.',
    portworxVolume: former('A volume of Portworx.'),
    scaleIO: former('A volume of ScaleIO.'),
    storageos: former('A volume of StorageOS.'),
    csi: 'A volume that a CSI driver makes for this pod.',
    ephemeral: 'A volume claimed for this pod, which goes with it.',
    image: 'The files of a container image.',
  },
  'core/v1.HostPathVolumeSource': {
    '': 'A file or folder of the node.',
    path: 'Its path.',
    type: 'What must be there, or is made: DirectoryOrCreate, Directory, FileOrCreate, File, Socket …',
  },
  'core/v1.EmptyDirVolumeSource': {
    '': 'A folder that goes with the pod.',
    medium: 'Memory keeps it in RAM; on the disk of the node unless given.',
    sizeLimit: 'The most it may hold.',
  },
  'core/v1.SecretVolumeSource': { '': 'The entries of a Secret as files.', secretName: 'The Secret.', items, defaultMode, optional },
  'core/v1.ConfigMapVolumeSource': { '': 'The entries of a ConfigMap as files.', name: 'The ConfigMap.', items, defaultMode, optional },
  'core/v1.KeyToPath': {
    '': 'An entry that becomes a file.',
    key: 'Name of the entry.',
    path: 'Path of the file in the volume.',
    mode: 'Permissions of the file.',
  },
  'core/v1.NFSVolumeSource': { '': 'A share of an NFS server.', server: 'Name or address of the server.', path: 'The share.', readOnly },
  'core/v1.PersistentVolumeClaimVolumeSource': { '': 'What a claim in the same namespace got.', claimName: 'The PersistentVolumeClaim.', readOnly },
  'core/v1.DownwardAPIVolumeSource': { '': 'Facts about the pod as files.', items: 'The files.', defaultMode },
  'core/v1.DownwardAPIVolumeFile': {
    '': 'A fact about the pod as a file.',
    path: 'Path of the file in the volume.',
    fieldRef: 'A field of the pod.',
    resourceFieldRef: 'What a container asked for or is limited to.',
    mode: 'Permissions of the file.',
  },
  'core/v1.ProjectedVolumeSource': { '': 'Several sources in one folder.', sources: 'The sources.', defaultMode },
  'core/v1.VolumeProjection': {
    '': 'One source of a projected volume.',
    secret: 'Entries of a Secret.',
    downwardAPI: 'Facts about the pod.',
    configMap: 'Entries of a ConfigMap.',
    serviceAccountToken: 'A token of the account of the pod, renewed before it ends.',
    clusterTrustBundle: 'Certificates of authorities that the cluster trusts.',
    podCertificate: 'A certificate for the pod itself, with its key.',
  },
  'core/v1.SecretProjection': { '': 'Entries of a Secret.', name: 'The Secret.', items, optional },
  'core/v1.ConfigMapProjection': { '': 'Entries of a ConfigMap.', name: 'The ConfigMap.', items, optional },
  'core/v1.DownwardAPIProjection': { '': 'Facts about the pod.', items: 'The files.' },
  'core/v1.ServiceAccountTokenProjection': {
    '': 'A token of the account of the pod.',
    audience: 'For whom it is good; the API unless given.',
    expirationSeconds: 'For how long it is good: an hour unless given, ten minutes at least.',
    path: 'Path of the file in the volume.',
  },
  'core/v1.CSIVolumeSource': {
    '': 'A volume that a CSI driver makes for one pod.',
    driver: 'The driver.',
    readOnly,
    fsType,
    volumeAttributes: 'Settings that the driver understands.',
    nodePublishSecretRef: 'A Secret that the driver is given.',
  },
  'core/v1.EphemeralVolumeSource': { '': 'A volume claimed for one pod.', volumeClaimTemplate: 'The claim that is made, named after pod and volume.' },
  'core/v1.PersistentVolumeClaimTemplate': { '': 'A claim to be made.', metadata: 'Labels and annotations of the claim.', spec: 'What is claimed.' },
  'core/v1.ImageVolumeSource': {
    '': 'The files of a container image.',
    reference: 'The image.',
    pullPolicy: 'When it is fetched: Always, IfNotPresent or Never.',
  },
}
