import type { PullLine } from './engine-types.js';

interface Layer {
  readonly current: number;
  readonly total: number;
  readonly done: boolean;
}

const DONE = /^(?:Already exists|Pull complete)$/;
const MB = 1_000_000;

/** How far a pull is, from what the engine tells of each layer. */
export class PullProgress {
  private readonly layers = new Map<string, Layer>();

  constructor(private readonly image: string) {}

  /** @returns whether there is something new to tell */
  add({ id, status = '', progressDetail = {} }: PullLine): boolean {
    if (id === undefined || /^Pulling from/.test(status)) return false;
    const before = this.layers.get(id) ?? { current: 0, total: 0, done: false };
    const { current = 0, total = 0 } = progressDetail;
    if (DONE.test(status)) this.layers.set(id, { current: before.total, total: before.total, done: true });
    // What follows is of its unpacked size: the second half of the same work.
    else if (status === 'Downloading') this.layers.set(id, { current, total, done: false });
    else
      this.layers.set(id, { ...before, current: /complete|Extracting/.test(status) ? before.total : before.current });
    return true;
  }

  /** For people. */
  get text(): string {
    const layers = [...this.layers.values()];
    if (layers.length === 0) return `pulls the image ${this.image}`;
    const sum = (part: (layer: Layer) => number) => layers.reduce((all, layer) => all + part(layer), 0);
    const layersDone = `${sum(({ done }) => Number(done))} of ${layers.length} layers`;
    const bytes = `${Math.round(sum(({ current }) => current) / MB)} of ${Math.round(sum(({ total }) => total) / MB)} MB`;
    return `pulls the image ${this.image}: ${layersDone}, ${bytes}`;
  }
}
