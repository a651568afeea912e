/** The connection of a supervisor that a write comes from. */
export interface Session {
  readonly supervisorId: string;
  readonly epoch: number;
}
