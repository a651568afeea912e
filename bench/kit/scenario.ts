/** A figure, and whether it is what it shall be. */
export interface Row {
  readonly scenario: string;
  readonly what: string;
  /** With its unit. */
  readonly figure: string;
  /** Smallest and largest of the runs, or other details. */
  readonly details: string;
  /** Empty where the figure is only told. */
  readonly goal: string;
  readonly met?: boolean;
  /** The same figures for programs. */
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Settings {
  /** Of runs: of what is measured, and of what it is compared with. */
  readonly pairs: number;
  /** How often the servers are started anew for them. */
  readonly processes: number;
  /** Of each run, in seconds. */
  readonly seconds: number;
  /** Tells how far it is. */
  readonly progress: (line: string) => void;
}

export interface Scenario {
  readonly name: string;
  readonly title: string;
  run(settings: Settings): Promise<Row[]>;
}
