import type { Reporter, TestCase, TestModule } from 'vitest/node';
import type { Layer } from './layers.js';

const SLOWEST = 10;
const COMMANDS: Record<Layer, string> = {
  test: 'npm test',
  all: 'npm run test:all',
  rest: 'npm run test:all',
};

/** Says at the end of a run: the slowest files, what only `npm run test:all` runs, and how failed tests run again. */
export class EndOfRun implements Reporter {
  constructor(private readonly layer: Layer) {}

  onTestRunEnd(modules: readonly TestModule[]): void {
    const parts = [
      slowest(modules),
      this.layer === 'test' ? onlyInAll(modules) : '',
      again(modules, COMMANDS[this.layer]),
    ];
    process.stdout.write(
      parts
        .filter((part) => part !== '')
        .map((part) => `\n${part}\n`)
        .join(''),
    );
  }
}

function slowest(modules: readonly TestModule[]): string {
  const rows = modules
    .map((module) => ({
      file: module.relativeModuleId,
      time: module.diagnostic().duration + module.diagnostic().collectDuration,
      cpu: module.meta().cpu ?? 0,
    }))
    .sort((a, b) => b.time - a.time)
    .slice(0, SLOWEST)
    .map(({ file, time, cpu }) => `${seconds(time / 1000)} ${seconds(cpu)}  ${file}`);
  return `The slowest files, by time and with their processor time, in seconds:\n${rows.join('\n')}`;
}

const seconds = (time: number) => time.toFixed(1).padStart(7);

/** Empty where no file of this run has something that it leaves out. */
function onlyInAll(modules: readonly TestModule[]): string {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const tagged = (tag: string) => tests.filter(({ options }) => options.tags?.includes(tag));
  const [left, smaller] = [tagged('all'), tagged('sized')].map((some) => some.map(({ name }) => `"${name}"`));
  const parts = [
    left?.length ? `the tests ${left.join(', ')}` : '',
    smaller?.length ? `more of ${smaller.join(', ')}` : '',
  ].filter((part) => part !== '');
  return parts.length === 0
    ? ''
    : `Only in npm run test:all: everything on a Docker engine or with Cloudforet's own client; ${parts.join('; ')}.`;
}

function again(modules: readonly TestModule[], command: string): string {
  const failed = modules.filter((module) => !module.ok());
  if (failed.length === 0) return '';
  const commands = failed.flatMap((module) => {
    const tests = [...module.children.allTests('failed')];
    const file = `${command} -- ${module.relativeModuleId}`;
    return tests.length === 0 ? [file] : tests.map((test) => `${file} -t '${patternOf(test)}'`);
  });
  return `To run again what failed:\n${commands.join('\n')}`;
}

/** The full name as a regular expression within quotes of a shell. */
function patternOf({ fullName }: TestCase): string {
  return `^${fullName
    .replaceAll(' > ', ' ')
    .replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    .replaceAll("'", '.')}$`;
}
