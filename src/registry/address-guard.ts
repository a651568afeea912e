import { lookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { lookup as resolve } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/** Where clouds keep the credentials of their machines: nothing that speaks to registries has any business there. */
const METADATA = blockList(['169.254.0.0/16'], ['fe80::/10', 'fd00:ec2::/32']);
const PRIVATE = blockList(
  ['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '224.0.0.0/3'],
  ['::/127', 'fc00::/7', 'ff00::/8'],
);

/** Code of the error of a host whose addresses must not be connected to. */
export const FORBIDDEN_ADDRESS = 'BERTH_FORBIDDEN_ADDRESS';

/** Which addresses may be connected to. */
export type Reach = 'private' | 'public';

/** Whether the address is one that only machines of the same network reach. */
export const isPrivateAddress = (address: string): boolean => listed(PRIVATE, address) || listed(METADATA, address);

/** @param address an IP address @returns why it must not be connected to, or undefined */
export function refusal(address: string, reach: Reach): string | undefined {
  if (listed(METADATA, address)) return `${address} is a link-local address`;
  if (reach === 'public' && isPrivateAddress(address)) return `${address} is a private address`;
  return undefined;
}

/** Whether a host, which somebody trusted has named, is in a private network. Unknown hosts are not. */
export async function isPrivateHost(hostname: string): Promise<boolean> {
  const bare = hostname.replace(/^\[|\]$/g, '');
  if (isIP(bare)) return isPrivateAddress(bare);
  const addresses = await resolve(bare, { all: true }).catch(() => []);
  return addresses.some(({ address }) => isPrivateAddress(address));
}

type Callback = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/**
 * A `lookup` for sockets which finds only addresses that may be connected to: what was checked is what is connected to,
 * so a name cannot change its address in between.
 */
export const guardedLookup =
  (reach: Reach) =>
  (hostname: string, options: LookupOptions, callback: Callback): void => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const allowed = addresses.filter(({ address }) => refusal(address, reach) === undefined);
      const [first] = allowed;
      if (!first) {
        const reason = refusal(addresses[0]?.address ?? '', reach) ?? 'it has no address';
        const error: NodeJS.ErrnoException = new Error(`${hostname} must not be connected to: ${reason}`);
        error.code = FORBIDDEN_ADDRESS;
        return callback(error, []);
      }
      if (options.all) return callback(null, allowed);
      callback(null, first.address, first.family);
    });
  };

function blockList(subnets4: readonly string[], subnets6: readonly string[]): BlockList {
  const list = new BlockList();
  const add = (subnet: string, family: 'ipv4' | 'ipv6'): void => {
    const [network = '', prefix] = subnet.split('/');
    list.addSubnet(network, Number(prefix), family);
  };
  for (const subnet of subnets4) add(subnet, 'ipv4');
  for (const subnet of subnets6) add(subnet, 'ipv6');
  return list;
}

/** Also where an IPv4 address is written as an IPv6 one. */
const listed = (list: BlockList, address: string): boolean =>
  list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
