import { type AgentFlag, cpus, integer, memory, oneOf, text } from './flag-parsers.js';

/** Networks that are none: there is no port of its own in them. */
const dockerNetwork = (texts: readonly string[]): string => {
  const name = text(texts);
  if (/^(?:host|none|container:.*)$/.test(name)) throw new Error('must be a network with addresses of its own');
  return name;
};

/** What each driver can be told. */
export const DRIVER_FLAGS: readonly AgentFlag[] = [
  {
    name: 'driver',
    variable: 'BERTH_AGENT_DRIVER',
    key: 'driver',
    hint: 'NAME',
    help: 'what runs the plugins: process, docker or kubernetes (process)',
    parse: oneOf('process', 'docker', 'kubernetes'),
  },
  {
    name: 'docker-host',
    variable: 'DOCKER_HOST',
    key: 'docker.host',
    hint: 'ADDRESS',
    help: 'the Docker engine (unix:///var/run/docker.sock), or tcp://host:2376',
    parse: text,
  },
  {
    name: 'docker-certs',
    variable: 'DOCKER_CERT_PATH',
    key: 'docker.certificates',
    hint: 'DIR',
    help: 'ca.pem, cert.pem and key.pem for an engine behind TLS',
    parse: text,
  },
  {
    name: 'docker-network',
    variable: 'BERTH_AGENT_DOCKER_NETWORK',
    key: 'docker.network',
    hint: 'NAME',
    help: "the network that containers join (the engine's own bridge)",
    parse: dockerNetwork,
  },
  {
    name: 'docker-address',
    variable: 'BERTH_AGENT_DOCKER_ADDRESS',
    key: 'docker.address',
    hint: 'KIND',
    help: 'what endpoints name: a published port, or container: its name in the network (published)',
    parse: oneOf('published', 'container'),
  },
  {
    name: 'docker-memory',
    variable: 'BERTH_AGENT_DOCKER_MEMORY',
    key: 'docker.memoryBytes',
    hint: 'SIZE',
    help: 'memory of a plugin where the catalog does not say; 0: no limit (512Mi)',
    parse: memory,
  },
  {
    name: 'docker-cpus',
    variable: 'BERTH_AGENT_DOCKER_CPUS',
    key: 'docker.cpuMillis',
    hint: 'N',
    help: 'the same for CPUs (0: no limit)',
    parse: cpus,
  },
  {
    name: 'docker-pids',
    variable: 'BERTH_AGENT_DOCKER_PIDS',
    key: 'docker.pids',
    hint: 'N',
    help: 'the same for processes and threads (512)',
    parse: integer(0, 1_000_000),
  },
  {
    name: 'docker-user',
    variable: 'BERTH_AGENT_DOCKER_USER',
    key: 'docker.user',
    hint: 'UID',
    help: 'who plugins run as; 0: whom the image names, if not root (65532)',
    parse: integer(0, 2_147_483_647),
  },
  {
    name: 'kubeconfig',
    variable: 'BERTH_AGENT_KUBECONFIG',
    key: 'kubernetes.kubeconfig',
    hint: 'FILE',
    help: 'credentials of the cluster (as kubectl finds them, or the service account of the Pod)',
    parse: text,
  },
  {
    name: 'kube-context',
    variable: 'BERTH_AGENT_KUBE_CONTEXT',
    key: 'kubernetes.context',
    hint: 'NAME',
    help: 'a context of the kubeconfig (the current one)',
    parse: text,
  },
  {
    name: 'kube-namespace',
    variable: 'BERTH_AGENT_KUBE_NAMESPACE',
    key: 'kubernetes.namespace',
    hint: 'NAME',
    help: 'where plugins run (that of the context or the Pod)',
    parse: text,
  },
  {
    name: 'kube-settings',
    variable: 'BERTH_AGENT_KUBE_SETTINGS',
    key: 'kubernetes.settingsFile',
    hint: 'FILE',
    help: 'how plugins run in the cluster: replicas, resources, tolerations and more',
    parse: text,
  },
  {
    name: 'registry-mirror',
    variable: 'BERTH_REGISTRY_MIRROR',
    key: 'registryMirror',
    hint: 'URL',
    help: 'where every image is pulled from, whatever registry it names',
    parse: text,
  },
];
