import { AssertionError } from 'node:assert';
import { inspect, styleText } from 'node:util';
import { status } from '@grpc/grpc-js';
import { inWords } from './figures.js';

/** What a step has to show. */
export interface Figures {
  /** In milliseconds. */
  readonly time?: number;
  readonly note?: string;
  /** Lines below. */
  readonly details?: readonly string[];
}

type Style = Parameters<typeof styleText>[0];

const TITLE_WIDTH = 62;
const TIME_WIDTH = 9;
const INDENT = ' '.repeat(5);

/** Tells the story, one line for each step. */
export class Report {
  private steps = 0;

  constructor(private readonly out: NodeJS.WriteStream = process.stdout) {}

  title(text: string): void {
    this.print(`\n${this.styled('bold', text)}\n`);
  }

  step(title: string, { time, note = '', details = [] }: Figures): void {
    this.steps += 1;
    const number = String(this.steps).padStart(3);
    const figure = (time === undefined ? '' : inWords(time)).padStart(TIME_WIDTH);
    const line = `${this.styled('green', number)}  ${title.padEnd(TITLE_WIDTH)}${this.styled('bold', figure)}  ${note}`;
    this.print(line.trimEnd());
    for (const detail of details) this.print(this.styled('dim', `${INDENT}${detail}`));
  }

  failure(error: unknown, log: string): void {
    this.print(this.styled('red', `${String(this.steps + 1).padStart(3)}  This step did not hold.`));
    for (const line of explain(error)) this.print(`${INDENT}${line}`);
    if (log !== '') this.print(`\n${INDENT}The end of the server's log:\n${log}`);
  }

  end(text: string): void {
    this.print(`\n${this.styled('bold', text)}\n`);
  }

  private print(line: string): void {
    this.out.write(`${line}\n`);
  }

  private styled(style: Style, text: string): string {
    return this.out.isTTY && !process.env['NO_COLOR'] ? styleText(style, text) : text;
  }
}

function explain(error: unknown): string[] {
  if (error instanceof AssertionError) {
    const [what = ''] = error.message.split('\n');
    return [what, `expected: ${inspect(error.expected)}`, `seen:     ${inspect(error.actual)}`];
  }
  if (!(error instanceof Error)) return [String(error)];
  if ('code' in error && 'details' in error && typeof error.code === 'number') {
    return [`seen:     ${status[error.code]} ${String(error.details)}`];
  }
  return [error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message];
}
