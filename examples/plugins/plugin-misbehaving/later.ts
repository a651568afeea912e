import type { Health } from '../kit/health.js';
import { crash } from './at-start.js';
import type { Misbehaviour } from './settings.js';

/** What goes wrong while the plugin serves; each counts from now. */
export function misbehaveLater(wishes: Misbehaviour, health: Health): void {
  after(wishes.not_serving_after_ms, () => health.become('NOT_SERVING'));
  after(wishes.hang_after_ms, hang);
  after(wishes.die_after_ms, () => crash('was told to die', wishes.exit_code ?? 1));
}

function after(delay: number | undefined, action: () => void): void {
  if (delay !== undefined) setTimeout(action, delay);
}

/** Nothing of this process runs any more, not even its signal handlers; the kernel still accepts connections. */
function hang(): void {
  process.stderr.write('plugin-misbehaving hangs\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
