import { expect, it } from 'vitest';
import { agentOptionsFrom, pluginEnvironment } from './agent.config.js';
import { agentHelp } from './agent.flags.js';

const parse = (line: string, env: Record<string, string> = {}) =>
  agentOptionsFrom(line === '' ? [] : line.split(' '), env);

it('needs nothing', () => {
  expect(parse('')).toEqual({
    settings: expect.objectContaining({ server: '127.0.0.1:50051', onExit: 'keep' }) as unknown,
    startTimeoutMs: undefined,
    stopGraceMs: undefined,
    maxRestarts: undefined,
    logLevel: 'info',
    logFormat: 'auto',
  });
});

it.each([
  ['grpc://s:1', undefined],
  ['grpc+ssl://s:1', true],
  ['grpcs://s:1', true],
])('reads the address %s', (address, tls) => {
  const { settings } = parse(`--server ${address}`) ?? {};
  expect(settings?.server).toBe('s:1');
  expect(settings?.credentials?.tls).toBe(tls);
});

it('reads every flag', () => {
  const line =
    '--server s:1 --name n --hostname h --domain d --label a=1 --label b=x=y --tag t=u --public --capacity 9 --data D ' +
    '--plugins P --driver kubernetes --docker-host unix:///d.sock --docker-certs T --docker-network net ' +
    '--docker-address container --docker-memory 1Gi --docker-cpus 0.5 --docker-pids 9 --docker-user 7 --kubeconfig K --kube-context C --kube-namespace NS --kube-settings F ' +
    '--registry-mirror https://m.example/x --advertise-host 10.0.0.1 --bind-host 0.0.0.0 --ports 2000-3000 --parallel 3 ' +
    '--token T --token-file F --tls --tls-ca CA --tls-cert C --tls-key K ' +
    '--on-exit stop --start-timeout 500 --stop-grace 0 --max-restarts 2 --log-level debug --log-format json';
  expect(parse(line)).toEqual({
    settings: {
      server: 's:1',
      credentials: { token: 'T', tokenFile: 'F', tls: true, tlsCa: 'CA', tlsCert: 'C', tlsKey: 'K' },
      name: 'n',
      hostname: 'h',
      domainId: 'd',
      labels: { a: '1', b: 'x=y' },
      tags: { t: 'u' },
      isPublic: true,
      capacity: 9,
      dataDirectory: 'D',
      pluginDirectory: 'P',
      driver: 'kubernetes',
      docker: {
        host: 'unix:///d.sock',
        certificates: 'T',
        network: 'net',
        address: 'container',
        memoryBytes: 2 ** 30,
        cpuMillis: 500,
        pids: 9,
        user: 7,
      },
      kubernetes: { kubeconfig: 'K', context: 'C', namespace: 'NS', settingsFile: 'F' },
      registryMirror: 'https://m.example/x',
      advertiseHost: '10.0.0.1',
      bindHost: '0.0.0.0',
      portRange: [2_000, 3_000],
      parallelLaunches: 3,
      onExit: 'stop',
    },
    startTimeoutMs: 500,
    stopGraceMs: 0,
    maxRestarts: 2,
    logLevel: 'debug',
    logFormat: 'json',
  });
});

it('takes from the environment what the command line leaves out', () => {
  const env = {
    BERTH_AGENT_SERVER: 'env:1',
    BERTH_AGENT_NAME: 'from-env',
    BERTH_AGENT_LABELS: 'region=kr, zone=a',
    BERTH_AGENT_PUBLIC: 'true',
    BERTH_DATA_DIR: '/var/lib/berth',
    BERTH_AGENT_CAPACITY: '',
  };
  expect(parse('--server flag:2', env)?.settings).toMatchObject({
    server: 'flag:2',
    name: 'from-env',
    labels: { region: 'kr', zone: 'a' },
    isPublic: true,
    dataDirectory: '/var/lib/berth',
    capacity: undefined,
  });
});

it.each([
  [
    '--server nowhere',
    {},
    '--server is not usable: must look like host:port, grpc://host:port or grpc+ssl://host:port (value = nowhere)',
  ],
  ['--server h:70000', {}, '--server is not usable'],
  ['--label novalue', {}, '--label is not usable: must look like key=value (value = novalue)'],
  ['--capacity -1', {}, '--capacity'],
  ['--capacity 1.5', {}, '--capacity is not usable: must be a number from 0 to 1000000 (value = 1.5)'],
  ['--ports 3000-2000', {}, '--ports is not usable: must look like 20000-29999 (value = 3000-2000)'],
  ['--on-exit explode', {}, '--on-exit is not usable: must be keep or stop (value = explode)'],
  ['--driver podman', {}, '--driver is not usable: must be process or docker or kubernetes (value = podman)'],
  ['--docker-memory much', {}, '--docker-memory is not usable: must look like 512Mi or 2Gi (value = much)'],
  ['--docker-network host', {}, '--docker-network is not usable: must be a network with addresses of its own'],
  ['--docker-address container', {}, '--docker-address container needs --docker-network'],
  ['--docker-cpus -1', {}, '--docker-cpus'],
  ['--unknown', {}, "Unknown option '--unknown'"],
  ['stray', {}, "Unexpected argument 'stray'"],
  ['', { BERTH_AGENT_PUBLIC: 'maybe' }, 'BERTH_AGENT_PUBLIC is not usable: must be true or false (value = maybe)'],
])('refuses %s %o', (line, env, message) => {
  expect(() => parse(line, env)).toThrow(message);
});

it('helps, naming every flag and its variable', () => {
  expect(parse('--help --server x')).toBeUndefined();
  expect(agentHelp()).toMatch(/--advertise-host HOST\s+host of the endpoints.*\n\s+BERTH_AGENT_ADVERTISE_HOST/);
});

it('lets plugins inherit nothing that is secret', () => {
  const env = { PATH: '/bin', LANG: undefined, HOME: '/root', MONGODB_URI: 'mongodb://user:secret@h', BERTH_X: '1' };
  expect(pluginEnvironment(env)).toEqual({ PATH: '/bin', HOME: '/root' });
});
