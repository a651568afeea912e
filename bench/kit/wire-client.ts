import { createConnection, type Socket } from 'node:net';
import { deserialize, type Document, serialize } from 'bson';

const HEADER_BYTES = 16;
/** Flags, and the kind of the only section. */
const PREFIX_BYTES = HEADER_BYTES + 5;
const OP_MSG = 2013;

/** Asks a MongoDB server one command after the other, without a driver: what remains is the server's own time. */
export class WireClient {
  private received: Buffer = Buffer.alloc(0);
  private answered: (reply: Document) => void = () => undefined;
  private id = 0;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.receive(chunk));
  }

  /** @param address of a TCP port, or the path of a Unix socket */
  static connect(address: { host: string; port: number } | { path: string }): Promise<WireClient> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(address, () => resolve(new WireClient(socket)));
      socket.once('error', reject);
    });
  }

  /** @throws Error where the server refuses it */
  async command(command: Document): Promise<void> {
    const body = serialize(command);
    const prefix = Buffer.alloc(PREFIX_BYTES);
    prefix.writeInt32LE(PREFIX_BYTES + body.length, 0);
    prefix.writeInt32LE(++this.id, 4);
    prefix.writeInt32LE(OP_MSG, 12);
    const reply = await new Promise<Document>((resolve) => {
      this.answered = resolve;
      this.socket.write(Buffer.concat([prefix, body]));
    });
    if (reply['ok'] !== 1 || reply['writeErrors'] !== undefined) throw new Error(JSON.stringify(reply));
  }

  close(): void {
    this.socket.destroy();
  }

  private receive(chunk: Buffer): void {
    this.received = Buffer.concat([this.received, chunk]);
    if (this.received.length < 4 || this.received.length < this.received.readInt32LE(0)) return;
    const reply = deserialize(this.received.subarray(PREFIX_BYTES, this.received.readInt32LE(0)));
    this.received = Buffer.alloc(0);
    this.answered(reply);
  }
}
