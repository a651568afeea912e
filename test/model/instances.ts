let addresses = 0;

/** An address of this machine's loopback at which nothing serves, and that nobody has been given before. */
export function addressOfNobody(): string {
  const number = addresses++;
  return `grpc://127.${1 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}:1`;
}

/** What a scripted agent runs: an address, and from when to when it would have served. */
export class Instance {
  private static readonly all = new Map<string, Instance>();
  readonly endpoint = addressOfNobody();
  /** In milliseconds of `performance.now()`. */
  ended = Infinity;

  constructor(
    readonly domainId: string,
    readonly hostname: string,
    readonly pluginId: string,
    readonly version: string,
    readonly incarnation: number,
    public generation: number,
    readonly assignedAt: number,
  ) {
    Instance.all.set(this.endpoint, this);
  }

  static at(endpoint: string): Instance | undefined {
    return Instance.all.get(endpoint);
  }

  end(): void {
    this.ended = performance.now();
  }
}
